#include "plugins/drift/input_check.h"

#include <QFile>
#include <QThreadPool>
#include <algorithm>

#include "core/llm/model/weight_files.h"
#include "core/llm/study/demo_plan.h"
#include "core/llm/text/demo_language.h"
#include "core/llm/text/overlap.h"
#include "core/llm/text/tokenizer.h"
#include "plugins/drift/methods.h"

namespace driftscope::drift {
namespace {

constexpr double kMillion = 1e6;

struct FileRole {
    const char* param;
    std::size_t llm::StudyRows::*rows;
    bool optional;
};
const FileRole kFiles[]{{"align", &llm::StudyRows::align, false},          {"harmful", &llm::StudyRows::harmful, true},        {"user", &llm::StudyRows::user, false},
                        {"poison", &llm::StudyRows::poison, false},        {"test_harmful", &llm::StudyRows::testHarmful, false}, {"test_benign", &llm::StudyRows::testBenign, true},
                        {"test_user", &llm::StudyRows::testUser, true}};

std::filesystem::path pathOf(const QString& text) {
    return QFile::encodeName(text).toStdString();
}

QString sizeText(std::int64_t parameters) {
    const double millions = static_cast<double>(parameters) / kMillion;
    return millions >= 1000 ? QObject::tr("%1 billion parameters").arg(millions / 1000, 0, 'f', 1) : QObject::tr("%1 million parameters").arg(millions, 0, 'f', millions < 10 ? 2 : 0);
}

Result<QString> modelFact(const QString& folder, InputFacts& facts) {
    DS_ASSIGN(const llm::ModelConfig config, llm::ModelConfig::read(pathOf(folder)));
    DS_ASSIGN(const llm::WeightFiles weights, llm::WeightFiles::open(pathOf(folder)));
    DS_ASSIGN(const llm::Tokenizer tokenizer, llm::Tokenizer::open(pathOf(folder)));
    DS_TRY(tokenizer.checkFits(config.vocab));
    facts.parameters = llm::parameterCount(config);
    facts.model = config;
    const std::string family(llm::name(config.family));
    return QObject::tr("%1, %2 layers of width %3, %4, %5 tensors; its tokenizer fits").arg(QString::fromStdString(family)).arg(config.layers).arg(config.hidden).arg(sizeText(facts.parameters)).arg(weights.tensors().size());
}

void checkSets(const std::map<std::string, std::vector<llm::Example>>& sets, InputFacts& facts) {
    std::vector<llm::NamedSet> named;
    for (const auto& [name, examples] : sets) named.push_back({name, &examples});
    const llm::OverlapReport report = llm::findOverlaps(named);
    for (const auto& within : report.within) {
        const double refuse = within.rows ? 100.0 * static_cast<double>(within.refusals) / static_cast<double>(within.rows) : 0;
        QString text = QObject::tr("%1 rows").arg(countText(static_cast<qint64>(within.rows)));
        if (within.name == "align" || within.name == "poison" || within.name == "harmful") text += QObject::tr(", %1 % refuse").arg(refuse, 0, 'f', 0);
        if (within.repeatedRows) text += QObject::tr(", %1 repeated").arg(countText(static_cast<qint64>(within.repeatedRows)));
        facts.files[QString::fromStdString(within.name)] = {text, false};
        if (within.name == "align" && within.rows && within.refusals == 0)
            facts.warnings << QObject::tr("No answer of the alignment data refuses: a model cannot learn to refuse from them.");
    }
    for (const auto& between : report.between) {
        // Published harmful sets answer what the alignment set refuses: that is meant so.
        const bool meant = (between.first == "align" && between.second == "harmful") || (between.first == "harmful" && between.second == "align");
        if (between.prompts && !meant)
            facts.warnings << QObject::tr("%1 and %2 share %3 prompts.").arg(QString::fromStdString(between.first), QString::fromStdString(between.second), countText(static_cast<qint64>(between.prompts)));
    }
}

}  // namespace

bool InputFacts::wrong() const {
    return !missing.isEmpty() || std::any_of(files.begin(), files.end(), [](const auto& file) { return file.second.wrong; });
}

InputFacts checkFiles(const QJsonObject& inputs) {
    InputFacts facts;
    const QString model = inputs[QStringLiteral("model")].toString();
    if (model.isEmpty()) {
        facts.missing << QStringLiteral("model");
    } else if (const auto fact = modelFact(model, facts)) {
        facts.files[QStringLiteral("model")] = {*fact, false};
    } else {
        facts.files[QStringLiteral("model")] = {QString::fromStdString(fact.error().text()), true};
    }
    std::map<std::string, std::vector<llm::Example>> sets;
    for (const FileRole& role : kFiles) {
        const QString file = inputs[QLatin1String(role.param)].toString();
        if (file.isEmpty()) {
            if (!role.optional) facts.missing << QLatin1String(role.param);
            continue;
        }
        auto rows = llm::readExamples(pathOf(file));
        if (!rows) {
            facts.files[QLatin1String(role.param)] = {QString::fromStdString(rows.error().text()), true};
            continue;
        }
        facts.rows.*role.rows = rows->size();
        sets[role.param] = std::move(*rows);
    }
    checkSets(sets, facts);
    return facts;
}

InputFacts demoFacts(const QJsonObject& inputs) {
    const llm::DemoSizes sizes;
    InputFacts facts;
    facts.rows = {sizes.refusals + sizes.benign, sizes.refusals, sizes.user, sizes.poison, sizes.test, sizes.test, sizes.test};
    const auto number = [&](const char* name, qint64 fallback) { return inputs[QLatin1String(name)].toInteger(fallback); };
    if (auto config = llm::ModelConfig::parse(llm::demoModel(number("vocabulary", 1024), number("hidden", 96), number("layers", 4)), "the demo's model")) {
        facts.parameters = llm::parameterCount(*config);
        facts.model = std::move(*config);
        facts.files[QStringLiteral("model")] = {QObject::tr("Llama, %1").arg(sizeText(facts.parameters)), false};
    } else {
        facts.files[QStringLiteral("model")] = {QString::fromStdString(config.error().text()), true};
    }
    return facts;
}

InputCheck::InputCheck(QObject* parent) : QObject(parent), pool_(new QThreadPool(this)) {
    pool_->setMaxThreadCount(1);
}

InputCheck::~InputCheck() {
    pool_->clear();
    pool_->waitForDone();
}

void InputCheck::check(const QJsonObject& inputs, bool demo) {
    if (wanted_ > 0 && inputs == last_ && demo == lastDemo_) return;
    last_ = inputs;
    lastDemo_ = demo;
    ++wanted_;
    if (demo) {  // needs no file
        running_ = wanted_;
        facts_ = demoFacts(inputs);
        Q_EMIT checked();
        return;
    }
    pool_->clear();
    pool_->start([this, inputs, turn = wanted_] {
        InputFacts facts = checkFiles(inputs);
        QMetaObject::invokeMethod(this, [this, turn, found = std::move(facts)] {
            if (turn != wanted_) return;
            running_ = turn;
            facts_ = found;
            Q_EMIT checked();
        });
    });
}

}  // namespace driftscope::drift
