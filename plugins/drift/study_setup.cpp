#include "plugins/drift/study_setup.h"

#include <QJsonArray>
#include <algorithm>
#include <set>

#include "core/llm/study/demo_plan.h"
#include "widgets/session/json_bridge.h"

namespace driftscope::drift {
namespace {

using nlohmann::json;

QString asText(const json& value) {
    if (value.is_string()) return QString::fromStdString(value.get<std::string>());
    if (!value.is_array()) return QString::fromStdString(value.dump());
    QStringList parts;
    for (const json& part : value) parts << asText(part);
    return parts.join(QLatin1Char(','));
}

QString quoted(const QString& text) {
    const bool plain = std::all_of(text.begin(), text.end(), [](QChar c) { return c.isLetterOrNumber() || QStringLiteral("=/._-+,:@").contains(c); });
    return plain ? text : QLatin1Char('\'') + QString(text).replace(QLatin1Char('\''), QStringLiteral("'\\''")) + QLatin1Char('\'');
}

}  // namespace

bool isSetting(const std::string& param) {
    static const std::set<std::string> others{"model", "adapters", "data", "harmful_data", "align_data", "poison_data", "poison_ratio", "lora.mode", "template", "eval_harmful", "eval_benign", "eval_task", "judge", "method", "seed"};
    return others.count(param) == 0;
}

StudySetup::StudySetup(QObject* parent) : QObject(parent), methods_{QStringLiteral("sft"), QStringLiteral("vaccine"), QStringLiteral("lisa"), QStringLiteral("booster"), QStringLiteral("sft:single")}, ratios_{0, 0.1}, seeds_{1} {}

void StudySetup::setDemo(bool demo) {
    if (std::exchange(demo_, demo) != demo) Q_EMIT changedAnything();
}

void StudySetup::setInputs(const QJsonObject& inputs) {
    QJsonObject& mine = demo_ ? demoInputs_ : files_;
    if (mine == inputs) return;
    mine = inputs;
    Q_EMIT changedAnything();
}

void StudySetup::setMethods(const QStringList& methods) {
    if (std::exchange(methods_, methods) != methods) Q_EMIT changedAnything();
}

void StudySetup::setRatios(std::vector<double> ratios) {
    std::sort(ratios.begin(), ratios.end());
    if (std::exchange(ratios_, ratios) != ratios) Q_EMIT changedAnything();
}

void StudySetup::setSeeds(std::vector<std::int64_t> seeds) {
    std::sort(seeds.begin(), seeds.end());
    if (std::exchange(seeds_, seeds) != seeds) Q_EMIT changedAnything();
}

void StudySetup::setChanged(const QString& scope, const QJsonObject& values) {
    if (changed(scope) == values) return;
    if (values.isEmpty())
        changed_.remove(scope);
    else
        changed_[scope] = values;
    Q_EMIT changedAnything();
}

int StudySetup::changes() const {
    int count = 0;
    for (const auto& scope : changed_) count += static_cast<int>(scope.toObject().size());
    return count;
}

void StudySetup::clearChanges() {
    changed_ = {};
    Q_EMIT changedAnything();
}

/// Lines of settings. Scopes of methods that do not take part are left out; they wait for their method to come back.
std::vector<std::string> StudySetup::lines(bool withDemo) const {
    std::vector<std::string> all;
    if (withDemo && demo_) {
        std::vector<std::string> names;
        for (const QString& method : methods_) names.push_back(method.toStdString());
        all = llm::demoSettings(names);
    }
    for (auto scope = changed_.begin(); scope != changed_.end(); ++scope) {
        const qsizetype dot = scope.key().lastIndexOf(QLatin1Char('.'));
        if (dot > 0 && !methods_.contains(scope.key().left(dot))) continue;
        const json values = fromQt(scope->toObject());
        for (const auto& [name, value] : values.items()) all.push_back(scope.key().toStdString() + "." + name + "=" + asText(value).toStdString());
    }
    return all;
}

Result<llm::StudySettings> StudySetup::settings(std::vector<llm::Arm>* arms) const {
    arms->clear();
    for (const QString& method : methods_) {
        DS_ASSIGN(llm::Arm arm, llm::Arm::parse(method.toStdString()));
        arms->push_back(std::move(arm));
    }
    return llm::StudySettings::parse(lines(true), *arms);
}

json StudySetup::resolved(const llm::Arm& arm, llm::Stage stage, const QString& without) const {
    StudySetup other;  // the same study before the scope's own changes
    other.demo_ = demo_;
    other.methods_ = methods_;
    other.changed_ = changed_;
    other.changed_.remove(without);
    std::vector<llm::Arm> arms;
    const auto settings = other.settings(&arms);
    json given = settings ? settings->of(arm, stage == llm::Stage::Align ? "align" : "finetune") : json::object();
    given["method"] = stage == llm::Stage::Align ? arm.alignMethod : arm.finetuneMethod;
    given["model"] = given["data"] = "-";
    if (const json own = fromQt(changed(without)); own.contains("preset")) given["preset"] = own["preset"];
    const auto params = Params::make(llm::trainingParams(stage), given);
    return params ? llm::ResolvedParams(*params, stage).values() : json::object();
}

std::vector<ParamSpec> StudySetup::specs(const QString& scope) const {
    const qsizetype dot = scope.lastIndexOf(QLatin1Char('.'));
    const llm::Stage stage = scope.endsWith(QLatin1String("align")) ? llm::Stage::Align : llm::Stage::Finetune;
    const llm::Arm arm = llm::Arm::parse(dot > 0 ? scope.left(dot).toStdString() : "sft").value_or(llm::Arm{});
    const json values = resolved(arm, stage, scope);
    std::vector<ParamSpec> specs;
    for (ParamSpec& spec : llm::trainingParams(stage)) {
        if (!isSetting(spec.name)) continue;
        if (values.contains(spec.name) && !values[spec.name].is_null()) spec.fallback = values[spec.name];
        if (spec.name == "preset") spec.fallback = "none";
        // For all methods together, a method's own default is not known: its field stays with the method.
        const bool knob = spec.name == "rho" || spec.name == "lambda" || spec.name == "alpha" || spec.name == "beta";
        if (knob && dot < 0) continue;
        specs.push_back(std::move(spec));
    }
    return specs;
}

QJsonObject StudySetup::params() const {
    QJsonObject all = inputs();
    QJsonArray ratios, seeds, settings;
    for (const double ratio : ratios_) ratios.append(ratio);
    for (const std::int64_t seed : seeds_) seeds.append(static_cast<qint64>(seed));
    for (const std::string& line : lines(false)) settings.append(QString::fromStdString(line));
    all[QStringLiteral("methods")] = QJsonArray::fromStringList(methods_);
    all[QStringLiteral("ratios")] = ratios;
    all[QStringLiteral("seeds")] = seeds;
    all[QStringLiteral("settings")] = settings;
    return all;
}

QString StudySetup::commandLine() const {
    QString line = QStringLiteral("driftscope-run ") + kind() + QStringLiteral(" --set");
    const json all = fromQt(params());
    for (const auto& [name, value] : all.items())
        if (!value.empty() || value.is_number()) line += QLatin1Char(' ') + quoted(QString::fromStdString(name) + QLatin1Char('=') + asText(value));
    return line + QStringLiteral(" --out runs/") + (demo_ ? QStringLiteral("demo") : QStringLiteral("study"));
}

QJsonObject StudySetup::save() const {
    QJsonObject state = params();
    return {{QStringLiteral("demo"), demo_},
            {QStringLiteral("files"), files_},
            {QStringLiteral("demo_inputs"), demoInputs_},
            {QStringLiteral("methods"), state[QStringLiteral("methods")]},
            {QStringLiteral("ratios"), state[QStringLiteral("ratios")]},
            {QStringLiteral("seeds"), state[QStringLiteral("seeds")]},
            {QStringLiteral("changed"), changed_}};
}

void StudySetup::restore(const QJsonObject& state) {
    if (state.isEmpty()) return;
    demo_ = state[QStringLiteral("demo")].toBool(true);
    files_ = state[QStringLiteral("files")].toObject();
    demoInputs_ = state[QStringLiteral("demo_inputs")].toObject();
    changed_ = state[QStringLiteral("changed")].toObject();
    methods_.clear();
    ratios_.clear();
    seeds_.clear();
    for (const auto& method : state[QStringLiteral("methods")].toArray()) methods_ << method.toString();
    for (const auto& ratio : state[QStringLiteral("ratios")].toArray()) ratios_.push_back(ratio.toDouble());
    for (const auto& seed : state[QStringLiteral("seeds")].toArray()) seeds_.push_back(seed.toInteger());
    Q_EMIT changedAnything();
}

}  // namespace driftscope::drift
