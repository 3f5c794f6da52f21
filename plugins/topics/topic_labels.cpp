#include "plugins/topics/topic_labels.h"

#include <algorithm>
#include <charconv>

#include "plugins/topics/topic_data.h"
#include "widgets/session/edit_stack.h"
#include "widgets/style/palette.h"

namespace driftscope::topics {
namespace {

constexpr const char* kNames = "topic_name";
constexpr const char* kMerges = "topic_merge";
constexpr const char* kHidden = "topic_hidden";
constexpr const char* kPrefix = "topic ";

LabelSchema schemaOf(const std::string& name) {
    if (name == kNames) return {name, "Topic name", {}};
    if (name == kMerges) return {name, "Topic merged into", {}};
    if (name == kHidden) return {name, "Topic shown", {{"hidden", "#999999", "h", {}}}};
    return {name, "Topic code", {{"theme", "#009E73", "1", {}}, {"mixed", "#E69F00", "2", {}}, {"background", "#56B4E9", "3", {}}, {"artefact", "#D55E00", "4", {}}}};
}

}  // namespace

std::string topicEntity(std::uint32_t topic) {
    return kPrefix + std::to_string(topic);
}

std::optional<std::uint32_t> topicOfEntity(const std::string& entity) {
    const std::string_view prefix = kPrefix;
    if (!entity.starts_with(prefix)) return std::nullopt;
    std::uint32_t topic = 0;
    const auto [end, problem] = std::from_chars(entity.data() + prefix.size(), entity.data() + entity.size(), topic);
    return problem == std::errc() && end == entity.data() + entity.size() ? std::optional(topic) : std::nullopt;
}

Result<void> ensureClass(EditStack& edits, const LabelSchema& fallback, const std::string& name) {
    DS_ASSIGN(const std::vector<LabelSchema> present, edits.store().schemas());
    const auto found = std::ranges::find(present, fallback.name, &LabelSchema::name);
    LabelSchema schema = found == present.end() ? fallback : *found;
    if (found != present.end() && (name.empty() || schema.find(name))) return {};
    if (!name.empty() && !schema.find(name)) {
        const auto colours = style::categorical(schema.classes.size() + 1);
        schema.classes.push_back({name, colours.back().name().toStdString(), "", {}});
    }
    return edits.putSchema(schema);
}

TopicLabels::TopicLabels(EditStack& edits, QObject* parent) : QObject(parent), edits_(edits) {
    connect(&edits_, &EditStack::schemasChanged, this, &TopicLabels::reload);
    connect(&edits_, &EditStack::changed, this, [this](const std::string& schema, const std::vector<LabelEvent>& events) {
        if (!run_ || events.empty() || (schema != kNames && schema != kMerges && schema != kHidden && schema != kCodes)) return;
        reload();
        const bool undone = events.front().origin == "undo" || events.front().origin == "redo";
        if (const auto topic = topicOf(events.front().target); topic && undone) Q_EMIT moved(*topic);
    });
}

void TopicLabels::setRun(std::shared_ptr<const TopicData> run) {
    run_ = std::move(run);
    colours_ = style::categorical(run_ ? run_->topics() : 0);
    if (run_)
        if (const auto made = ensureClass(edits_, schemaOf(kCodes), ""); !made) Q_EMIT edits_.failed(QString::fromStdString(made.error().text()));
    reload();
}

LabelTarget TopicLabels::target(std::uint32_t topic) const {
    return {run_->dataset, topicEntity(topic), 0};
}

std::optional<std::uint32_t> TopicLabels::topicOf(const LabelTarget& target) const {
    if (!run_ || target.dataset != run_->dataset) return std::nullopt;
    const auto topic = topicOfEntity(target.entity);
    return topic && *topic < run_->topics() ? topic : std::nullopt;
}

std::vector<std::optional<std::string>> TopicLabels::labelsOf(const char* schema) const {
    std::vector<std::optional<std::string>> out(run_ ? run_->topics() : 0);
    // A schema that the project does not have yet has no labels.
    if (const auto labels = edits_.store().labels(schema))
        for (const Label& label : *labels)
            if (const auto topic = topicOf(label.target); topic && !label.label.empty()) out[*topic] = label.label;
    return out;
}

void TopicLabels::reload() {
    const std::size_t count = run_ ? run_->topics() : 0;
    names_.assign(count, QString());
    codes_.assign(count, kNoCode);
    into_.assign(count, std::nullopt);
    std::vector<bool> hidden(count, false);
    codeSchema_.reset();
    if (const auto schemas = edits_.store().schemas())
        for (const LabelSchema& schema : *schemas)
            if (schema.name == kCodes) codeSchema_ = schema;
    const auto names = labelsOf(kNames), merges = labelsOf(kMerges), hides = labelsOf(kHidden), codes = labelsOf(kCodes);
    for (std::uint32_t k = 0; k < count; ++k) {
        if (names[k]) names_[k] = QString::fromStdString(*names[k]);
        if (merges[k]) into_[k] = topicOfEntity(*merges[k]);
        hidden[k] = hides[k].has_value();
        if (codes[k] && codeSchema_)
            if (const auto found = codeSchema_->find(*codes[k])) codes_[k] = static_cast<int>(*found);
    }
    groups_ = TopicGroups(into_, std::move(hidden));
    Q_EMIT changed();
}

QString TopicLabels::title(std::uint32_t topic) const {
    const QString given = name(topic);
    return QStringLiteral("%1  %2").arg(topic).arg(!given.isEmpty() || !run_ ? given : run_->gist(topic));
}

QColor TopicLabels::colour(std::uint32_t topic) const {
    const std::uint32_t root = topic < groups_.topics() ? groups_.root(topic) : topic;
    return root < colours_.size() ? colours_[root] : QColor(Qt::gray);
}

Result<void> TopicLabels::assign(const char* schema, const std::vector<std::uint32_t>& topics, const std::string& label) {
    if (!run_) return fail(ErrorCode::Usage, "There is no run open.", "Train one, or open one.");
    DS_TRY(ensureClass(edits_, schemaOf(schema), label));
    std::vector<LabelChange> changes;
    for (const std::uint32_t topic : topics) changes.push_back({target(topic), label});
    return changes.empty() ? Result<void>{} : edits_.apply(schema, changes);
}

Result<void> TopicLabels::rename(std::uint32_t topic, const QString& name) {
    const QString clean = name.simplified();
    if (clean == this->name(topic)) return {};
    return assign(kNames, {topic}, clean.toStdString());
}

Result<void> TopicLabels::merge(const std::vector<std::uint32_t>& topics, std::uint32_t into) {
    const std::uint32_t root = groups_.root(into);
    std::vector<std::uint32_t> others;
    for (const std::uint32_t topic : topics)
        if (groups_.root(topic) != root) others.push_back(groups_.root(topic));
    std::ranges::sort(others);
    others.erase(std::ranges::unique(others).begin(), others.end());
    if (others.empty()) return fail(ErrorCode::Usage, "These are one topic already.", "Choose two topics or more.");
    return assign(kMerges, others, topicEntity(root));
}

Result<void> TopicLabels::separate(std::uint32_t topic) {
    std::vector<std::uint32_t> merged;
    for (const std::uint32_t member : groups_.members(groups_.root(topic)))
        if (into_[member] && (member == topic || groups_.root(topic) == topic)) merged.push_back(member);
    if (merged.empty()) return fail(ErrorCode::Usage, fmt::format("Topic {} is not merged.", topic), "Choose a topic that is.");
    std::vector<LabelChange> changes;
    for (const std::uint32_t member : merged) changes.push_back({target(member), std::string()});
    return edits_.apply(kMerges, changes);
}

Result<void> TopicLabels::setHidden(std::uint32_t topic, bool hidden) {
    return assign(kHidden, {groups_.root(topic)}, hidden ? "hidden" : "");
}

Result<void> TopicLabels::setCode(std::uint32_t topic, int code) {
    if (!codeSchema_) return fail(ErrorCode::Usage, "The project has no codes for topics.", "Open the codes' editor and add one.");
    return assign(kCodes, {topic}, code == kNoCode ? std::string() : codeSchema_->classes[static_cast<std::size_t>(code)].name);
}

}  // namespace driftscope::topics
