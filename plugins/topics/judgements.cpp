#include "plugins/topics/judgements.h"

#include <QDateTime>
#include <algorithm>
#include <set>

#include "plugins/topics/picture_view.h"
#include "plugins/topics/topic_data.h"
#include "plugins/topics/topic_labels.h"
#include "widgets/session/edit_stack.h"

namespace driftscope::topics {
namespace {

constexpr const char* kRatings = "topic_rating";
constexpr const char* kIntrusions = "topic_intrusion";
const std::vector<std::string> kRatingNames{"not very related", "somewhat related", "very related"};
const std::vector<std::string> kChoiceNames{"word 1", "word 2", "word 3", "word 4", "word 5", "intruder"};

LabelSchema schemaOf(const std::string& name) {
    if (name == kRatings) return {name, "How related are the words of a topic?", {{kRatingNames[0], "#D55E00", "1", {}}, {kRatingNames[1], "#E69F00", "2", {}}, {kRatingNames[2], "#009E73", "3", {}}}};
    LabelSchema schema{name, "Which word was taken for the intruder?", {}};
    for (std::size_t i = 0; i < kChoiceNames.size(); ++i) schema.classes.push_back({kChoiceNames[i], i == Judgements::kIntruder ? "#009E73" : "#D55E00", "", {}});
    return schema;
}

}  // namespace

Judgements::Judgements(EditStack& edits, QObject* parent) : QObject(parent), edits_(edits) {
    connect(&edits_, &EditStack::annotatorChanged, this, [this] { Q_EMIT raterChanged(); });
    connect(&edits_, &EditStack::changed, this, [this](const std::string& schema, const std::vector<LabelEvent>& events) {
        if (!run_ || events.empty() || (schema != kRatings && schema != kIntrusions)) return;
        reload();
        const LabelEvent& first = events.front();
        const auto topic = first.target.dataset == run_->dataset ? topicOfEntity(first.target.entity) : std::nullopt;
        if (topic && (first.origin == "undo" || first.origin == "redo")) Q_EMIT moved(schema, *topic);
    });
}

void Judgements::setRun(std::shared_ptr<const TopicData> run) {
    run_ = std::move(run);
    skipped_.clear();
    items_ = run_ ? intrusionItems(run_->words, kSeed, &skipped_) : std::vector<IntrusionItem>();
    reload();
}

QString Judgements::rater() const {
    return edits_.annotator();
}

void Judgements::setRater(const QString& name) {
    if (!name.trimmed().isEmpty()) edits_.setAnnotator(name.trimmed());
}

std::vector<Judgements::Said> Judgements::read(const char* schema, std::int64_t step, const std::vector<std::string>& names) const {
    std::vector<Said> out;
    const auto annotators = edits_.store().annotators(schema);
    if (!run_ || !annotators) return out;  // a schema that the project does not have yet
    for (const std::string& rater : *annotators) {
        const auto labels = edits_.store().labelsBy(schema, rater);
        if (!labels) continue;
        for (const Label& label : *labels) {
            const auto topic = label.target.dataset == run_->dataset && label.target.step == step ? topicOfEntity(label.target.entity) : std::nullopt;
            const auto value = std::ranges::find(names, label.label);
            if (topic && *topic < run_->topics() && value != names.end()) out.push_back({*topic, rater, static_cast<int>(value - names.begin()), label.time});
        }
    }
    return out;
}

void Judgements::reload() {
    ratings_ = read(kRatings, 0, kRatingNames);
    answers_ = read(kIntrusions, static_cast<std::int64_t>(kSeed), kChoiceNames);
    Q_EMIT changed();
}

std::vector<std::string> Judgements::raters() const {
    std::set<std::string> names;
    for (const Said& said : ratings_) names.insert(said.rater);
    for (const Said& said : answers_) names.insert(said.rater);
    return {names.begin(), names.end()};
}

int Judgements::rating(std::uint32_t topic, const std::string& rater) const {
    const auto found = std::ranges::find_if(ratings_, [&](const Said& said) { return said.topic == topic && said.rater == rater; });
    return found == ratings_.end() ? kNone : found->value;
}

int Judgements::answer(std::uint32_t topic, const std::string& rater) const {
    const auto found = std::ranges::find_if(answers_, [&](const Said& said) { return said.topic == topic && said.rater == rater; });
    return found == answers_.end() ? kNone : found->value;
}

Result<void> Judgements::store(const char* schema, std::uint32_t topic, std::int64_t step, const std::string& label) {
    if (!run_) return fail(ErrorCode::Usage, "There is no run open.", "Open one first.");
    DS_TRY(ensureClass(edits_, schemaOf(schema), label));
    return edits_.apply(schema, {{{run_->dataset, topicEntity(topic), step}, label}});
}

Result<void> Judgements::rate(std::uint32_t topic, int points) {
    return store(kRatings, topic, 0, points == kNone ? std::string() : kRatingNames[static_cast<std::size_t>(points)]);
}

Result<void> Judgements::choose(std::uint32_t topic, int word) {
    return store(kIntrusions, topic, static_cast<std::int64_t>(kSeed), word == kNone ? std::string() : kChoiceNames[static_cast<std::size_t>(word)]);
}

std::vector<std::vector<double>> Judgements::collect(const std::vector<Said>& said, double (*value)(int)) const {
    std::vector<std::vector<double>> out(run_ ? run_->topics() : 0);
    for (const Said& one : said) out[one.topic].push_back(value(one.value));
    return out;
}

std::vector<std::vector<double>> Judgements::ratings() const {
    return collect(ratings_, [](int value) { return value + 1.0; });
}

std::vector<std::vector<double>> Judgements::found() const {
    return collect(answers_, [](int value) { return value == static_cast<int>(kIntruder) ? 1.0 : 0.0; });
}

std::vector<std::vector<double>> Judgements::choices() const {
    return collect(answers_, [](int value) { return static_cast<double>(value); });
}

QString Judgements::csv() const {
    QString out = QStringLiteral("task,rater,topic,value,answer,shown,intruder,donor_topic,fallback,time\n");
    if (!run_) return out;
    const auto when = [](double time) { return QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(1000 * time), Qt::UTC).toString(Qt::ISODate); };
    for (const Said& said : ratings_)
        out += QStringLiteral("rating,%1,%2,%3,%4,%5,,,,%6\n").arg(csvField(QString::fromStdString(said.rater))).arg(said.topic).arg(said.value + 1).arg(QString::fromStdString(kRatingNames[static_cast<std::size_t>(said.value)]))
                   .arg(csvField(run_->gist(said.topic, kRatedWords)), when(said.time));
    for (const Said& said : answers_) {
        const auto item = std::ranges::find(items_, said.topic, &IntrusionItem::topic);
        if (item == items_.end()) continue;
        QStringList shown;
        for (const std::size_t place : wordOrder(*item, kSeed, said.rater)) shown << run_->word(place == kIntruder ? item->intruder : item->words[place]);
        const QString chosen = run_->word(said.value == static_cast<int>(kIntruder) ? item->intruder : item->words[static_cast<std::size_t>(said.value)]);
        out += QStringLiteral("intrusion,%1,%2,%3,%4,%5,%6,%7,%8,%9\n").arg(csvField(QString::fromStdString(said.rater))).arg(said.topic).arg(said.value == static_cast<int>(kIntruder) ? 1 : 0).arg(csvField(chosen), csvField(shown.join(QLatin1Char(' '))), csvField(run_->word(item->intruder)))
                   .arg(item->donor).arg(item->fallback ? 1 : 0).arg(when(said.time));
    }
    return out;
}

}  // namespace driftscope::topics
