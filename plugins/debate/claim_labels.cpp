#include "plugins/debate/claim_labels.h"

#include <algorithm>

#include "core/debate/claims.h"
#include "plugins/debate/claims_data.h"
#include "widgets/session/edit_stack.h"

namespace driftscope::debate {
namespace {

constexpr const char* kSchema = "debate_honesty";

LabelSchema honestySchema() {
    return {kSchema, "Who is honest?",
            {{"both honest", "#009E73", "1", {}}, {"Alice lies", "#D55E00", "2", {}}, {"Bob spoils", "#0072B2", "3", {}}, {"cannot tell", "#999999", "4", {}}}};
}

/// The step of the label store names the round; the entity of the table ends in the game's number.
std::optional<std::int64_t> gameOf(const std::string& entity) {
    const std::size_t space = entity.rfind(' ');
    if (space == std::string::npos) return std::nullopt;
    const std::string digits = entity.substr(space + 1);
    if (digits.empty() || digits.size() > 15 || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
    return std::stoll(digits);
}

}  // namespace

ClaimLabels::ClaimLabels(EditStack& edits, QObject* parent) : QObject(parent), edits_(edits), wanted_(kSchema) {
    connect(&edits_, &EditStack::schemasChanged, this, &ClaimLabels::reload);
    connect(&edits_, &EditStack::changed, this, [this](const std::string& schema, const std::vector<LabelEvent>& events) {
        if (!data_ || !schema_ || schema != schema_->name) return;
        std::optional<std::uint32_t> last;
        for (const LabelEvent& event : events)
            if (const auto row = rowOf(event.target)) {
                labels_[*row] = event.after.empty() ? kUnlabelled : classOf(event.after);
                last = row;
            }
        Q_EMIT changed();
        const bool undone = !events.empty() && (events.front().origin == "undo" || events.front().origin == "redo");
        if (last && undone) Q_EMIT moved(*last);
    });
}

Result<void> ClaimLabels::ensureSchema() {
    DS_ASSIGN(const std::vector<LabelSchema> present, edits_.store().schemas());
    if (std::ranges::find(present, kSchema, &LabelSchema::name) != present.end()) return {};
    return edits_.putSchema(honestySchema());
}

void ClaimLabels::setData(std::shared_ptr<const ClaimsData> data) {
    data_ = std::move(data);
    reload();
}

void ClaimLabels::setSchema(const std::string& name) {
    wanted_ = name;
    reload();
}

void ClaimLabels::reload() {
    schema_.reset();
    labels_.assign(data_ ? data_->rows() : 0, kUnlabelled);
    const auto stored = edits_.store().schemas();
    if (stored)
        for (const LabelSchema& one : *stored)
            if (one.name == wanted_) schema_ = one;
    if (schema_ && data_) {
        const auto labels = edits_.store().labels(schema_->name);
        if (labels)
            for (const Label& label : *labels)
                if (const auto row = rowOf(label.target)) labels_[*row] = classOf(label.label);
    }
    Q_EMIT changed();
}

std::size_t ClaimLabels::labelledCount() const {
    return static_cast<std::size_t>(std::ranges::count_if(labels_, [](int label) { return label != kUnlabelled; }));
}

LabelTarget ClaimLabels::target(std::uint32_t row) const {
    return {data_->dataset(), claimEntity(data_->game(row)), data_->round(row)};
}

std::optional<std::uint32_t> ClaimLabels::rowOf(const LabelTarget& target) const {
    if (!data_ || target.dataset != data_->dataset()) return std::nullopt;
    const auto game = gameOf(target.entity);
    return game ? data_->rowOf(*game, target.step) : std::nullopt;
}

int ClaimLabels::classOf(const std::string& name) const {
    const auto found = schema_->find(name);
    return found ? static_cast<int>(*found) : kUnlabelled;
}

Result<void> ClaimLabels::assign(const std::vector<std::uint32_t>& rows, int classIndex) {
    if (!schema_ || !data_) return fail(ErrorCode::Usage, "There is nothing to label.", "Collect claims first.");
    std::vector<LabelChange> changes;
    for (std::uint32_t row : rows)
        if (labels_[row] != classIndex) changes.push_back({target(row), classIndex == kUnlabelled ? std::string() : schema_->classes[static_cast<std::size_t>(classIndex)].name});
    return changes.empty() ? Result<void>{} : edits_.apply(schema_->name, changes);
}

}  // namespace driftscope::debate
