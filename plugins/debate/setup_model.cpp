#include "plugins/debate/setup_model.h"

#include <QJsonArray>
#include <algorithm>

#include "core/debate/debate_jobs.h"
#include "core/debate/transcript.h"
#include "widgets/session/json_bridge.h"

namespace driftscope::debate {
namespace {

constexpr qint64 kSameChangeMs = 1200;  // a dragged slider is one change, not a hundred
constexpr std::size_t kHistory = 200;

const QString kComputation = QStringLiteral("computation");
const QString kValues = QStringLiteral("values");
const QString kSeats = QStringLiteral("people");

QJsonArray peopleOf(const Seats& seats) {
    QJsonArray people;
    if (seats.alice) people.append(QStringLiteral("alice"));
    if (seats.bob) people.append(QStringLiteral("bob"));
    if (seats.vera) people.append(QStringLiteral("vera"));
    return people;
}

bool isOurs(const ParamSpec& spec) {
    return spec.name != "computation" && spec.name != "votes" && spec.name != "vote_probability" && spec.name != "replay";
}

}  // namespace

std::vector<ParamSpec> specsOf(const std::string& kind) {
    JobRegistry registry;
    registerDebateJobs(registry);
    const JobKind* found = registry.find(kind);
    return found ? found->params : std::vector<ParamSpec>{};
}

QJsonValue qtValue(const nlohmann::json& value) {
    nlohmann::json object = nlohmann::json::object();
    object["value"] = value;
    return toQt(object)[QStringLiteral("value")];
}

SetupModel::SetupModel(QObject* parent) : QObject(parent), specs_(specsOf("debate.play")) {
    std::erase_if(specs_, [](const ParamSpec& spec) { return !isOurs(spec); });
    history_.push_back(state_);
}

QString SetupModel::title() const {
    const QJsonObject shown = computation();
    const QString title = shown[QStringLiteral("title")].toString();
    return title.isEmpty() ? shown[QStringLiteral("type")].toString() : title;
}

QString SetupModel::example() const {
    const QJsonObject examples = toQt(exampleComputations());
    for (auto it = examples.begin(); it != examples.end(); ++it)
        if (it.value().toObject() == computation()) return it.key();
    return {};
}

void SetupModel::setComputation(const QJsonObject& computation) {
    QJsonObject next = state_;
    next[kComputation] = computation;
    commit(next, kComputation);
}

QJsonValue SetupModel::value(const QString& name) const {
    const QJsonValue given = values().value(name);
    if (!given.isUndefined()) return given;
    const auto spec = std::ranges::find(specs_, name.toStdString(), &ParamSpec::name);
    return spec == specs_.end() ? QJsonValue() : qtValue(spec->fallback);
}

QJsonObject SetupModel::withDefaults() const {
    QJsonObject out;
    for (const ParamSpec& spec : specs_)
        if (const QJsonValue one = value(QString::fromStdString(spec.name)); !one.isNull()) out[QString::fromStdString(spec.name)] = one;
    return out;
}

void SetupModel::set(const QJsonObject& changes, std::optional<Seats> seats) {
    QJsonObject given = values();
    for (auto it = changes.begin(); it != changes.end(); ++it) {
        if (it.value().isNull() || it.value().isUndefined())
            given.remove(it.key());
        else
            given[it.key()] = it.value();
    }
    QJsonObject next = state_;
    next[kValues] = given;
    if (seats) next[kSeats] = peopleOf(*seats);
    commit(next, changes.keys().join(QLatin1Char(' ')) + (seats ? kSeats : QString()));
}

Seats SetupModel::seats() const {
    const QJsonArray people = state_[kSeats].toArray();
    return {people.contains(QStringLiteral("alice")), people.contains(QStringLiteral("bob")), people.contains(QStringLiteral("vera"))};
}

void SetupModel::commit(QJsonObject state, const QString& what) {
    if (state == state_) return;
    const bool same = what == lastWhat_ && lastChange_.isValid() && lastChange_.elapsed() < kSameChangeMs && at_ + 1 == history_.size() && at_ > 0;
    lastWhat_ = what;
    lastChange_.start();
    state_ = std::move(state);
    history_.resize(at_ + 1);
    if (same)
        history_.back() = state_;
    else
        history_.push_back(state_);
    if (history_.size() > kHistory) history_.erase(history_.begin());
    at_ = history_.size() - 1;
    Q_EMIT changed();
}

void SetupModel::undo() {
    if (!canUndo()) return;
    state_ = history_[--at_];
    lastWhat_.clear();
    Q_EMIT changed();
}

void SetupModel::redo() {
    if (!canRedo()) return;
    state_ = history_[++at_];
    lastWhat_.clear();
    Q_EMIT changed();
}

void SetupModel::restore(const QJsonObject& state) {
    QJsonObject kept;
    if (const QJsonObject computation = state[kComputation].toObject(); !computation.isEmpty()) kept[kComputation] = computation;
    QJsonObject values;
    const QJsonObject given = state[kValues].toObject();
    for (const ParamSpec& spec : specs_) {
        const QString name = QString::fromStdString(spec.name);
        if (!given.contains(name)) continue;
        const QJsonObject one{{name, given[name]}};
        if (Params::make({spec}, fromQt(one))) values[name] = given[name];
    }
    if (!values.isEmpty()) kept[kValues] = values;
    QJsonArray people;
    for (const char* party : {"alice", "bob", "vera"})
        if (state[kSeats].toArray().contains(QLatin1String(party))) people.append(QLatin1String(party));
    if (!people.isEmpty()) kept[kSeats] = people;
    state_ = kept;
    history_ = {state_};
    at_ = 0;
    lastWhat_.clear();
    Q_EMIT changed();
}

QJsonObject SetupModel::valuesFor(const std::string& kind) const {
    QJsonObject out;
    const QJsonObject given = values();
    for (const ParamSpec& spec : specsOf(kind))
        if (const QString name = QString::fromStdString(spec.name); given.contains(name)) out[name] = given[name];
    return out;
}

Result<Params> SetupModel::params() const {
    nlohmann::json given = nlohmann::json::object();
    const nlohmann::json all = fromQt(values());
    const std::vector<ParamSpec> specs = playParams();
    for (const ParamSpec& spec : specs)
        if (all.contains(spec.name)) given[spec.name] = all[spec.name];
    given["computation"] = "given";  // required, but Arena::make is handed the computation itself
    return Params::make(specs, given);
}

PlayOptions SetupModel::playOptions() const {
    PlayOptions options;
    options.protocol = protocol().toStdString();
    options.seats = seats();
    options.seed = static_cast<std::uint64_t>(value(QStringLiteral("seed")).toInteger());
    options.game = static_cast<std::uint64_t>(value(QStringLiteral("game")).toInteger());
    if (const QJsonValue lie = values()[QStringLiteral("lie_step")]; lie.isDouble()) options.lies.push_back(lie.toInteger());
    if (const QJsonValue lie = values()[QStringLiteral("second_lie_step")]; lie.isDouble() && protocol() == QLatin1String("cross_examined")) options.secondLies.push_back(lie.toInteger());
    return options;
}

}  // namespace driftscope::debate
