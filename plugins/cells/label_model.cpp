#include "plugins/cells/label_model.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/cells/state_rules.h"
#include "widgets/session/edit_stack.h"

namespace driftscope::cells {

LabelModel::LabelModel(EditStack& edits, QObject* parent) : QObject(parent), edits_(edits) {
    connect(&edits_, &EditStack::changed, this, &LabelModel::onEvents);
    connect(&edits_, &EditStack::schemasChanged, this, &LabelModel::reload);
}

void LabelModel::setData(std::shared_ptr<const CellsData> data, const QString& dataset) {
    data_ = std::move(data);
    dataset_ = dataset.toStdString();
    reload();
}

void LabelModel::reload() {
    const std::string wanted = schema() ? schema()->name : std::string();
    auto stored = edits_.store().schemas();
    schemas_ = stored ? *stored : std::vector<LabelSchema>{};
    if (!stored) Q_EMIT edits_.failed(QString::fromStdString(stored.error().text()));
    const auto same = std::ranges::find(schemas_, wanted, &LabelSchema::name);
    current_ = same == schemas_.end() ? 0 : static_cast<std::size_t>(same - schemas_.begin());
    readLabels();
    Q_EMIT schemaChanged();
    Q_EMIT labelsChanged();
}

const LabelSchema* LabelModel::schema() const {
    return current_ < schemas_.size() ? &schemas_[current_] : nullptr;
}

void LabelModel::setSchema(const std::string& name) {
    const auto found = std::ranges::find(schemas_, name, &LabelSchema::name);
    if (found == schemas_.end() || schema() == &*found) return;
    current_ = static_cast<std::size_t>(found - schemas_.begin());
    readLabels();
    Q_EMIT schemaChanged();
    Q_EMIT labelsChanged();
}

void LabelModel::readLabels() {
    labels_.assign(data_ ? data_->rows() : 0, kUnlabelled);
    labelled_ = 0;
    orphans_ = 0;
    if (!data_ || !schema()) return;
    const auto stored = edits_.store().labels(schema()->name);
    if (!stored) {
        Q_EMIT edits_.failed(QString::fromStdString(stored.error().text()));
        return;
    }
    for (const Label& label : *stored) {
        const auto row = rowOf(label.target);
        if (row)
            put(*row, classOf(label.label));
        else
            ++orphans_;
    }
}

std::vector<std::uint32_t> LabelModel::labelledRows() const {
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < labels_.size(); ++row)
        if (labels_[row] != kUnlabelled) rows.push_back(row);
    return rows;
}

std::vector<std::size_t> LabelModel::counts() const {
    std::vector<std::size_t> counts(schema() ? schema()->classes.size() : 0);
    for (int label : labels_)
        if (label != kUnlabelled) ++counts[static_cast<std::size_t>(label)];
    return counts;
}

LabelTarget LabelModel::target(std::uint32_t row) const {
    return {dataset_, data_->storedEntity(row), data_->detection(row).t};
}

Result<void> LabelModel::assign(std::span<const std::uint32_t> rows, int classIndex, const std::string& origin) {
    if (!schema()) return fail(ErrorCode::Usage, "There is no label schema.", "Add one with the schema editor.");
    std::vector<LabelChange> changes;
    for (std::uint32_t row : rows)
        if (labels_[row] != classIndex)
            changes.push_back({target(row), classIndex == kUnlabelled ? std::string() : schema()->classes[static_cast<std::size_t>(classIndex)].name});
    if (changes.empty()) return {};
    DS_TRY(checkPossible(rows, classIndex));
    if (changes.size() <= EditStack::kAtOnce && !edits_.isStoring()) return edits_.apply(schema()->name, changes, origin);
    edits_.applyLater(schema()->name, std::move(changes), origin);
    return {};
}

/// Refuses what cannot be: alive after dead. Names the first cell that would say so.
Result<void> LabelModel::checkPossible(std::span<const std::uint32_t> rows, int classIndex) const {
    std::map<std::uint32_t, std::set<std::uint32_t>> byTrack;
    for (const std::uint32_t row : rows) byTrack[data_->trackOf(row)].insert(row);
    for (const auto& [track, changed] : byTrack) {
        const Trajectory& trajectory = data_->tracks()[track];
        std::vector<int> after;
        for (const std::uint32_t row : trajectory.rows) after.push_back(changed.contains(row) ? classIndex : labels_[row]);
        const auto found = contradiction(*schema(), after);
        if (!found) continue;
        const auto& classes = schema()->classes;
        return fail(ErrorCode::BadInput,
                    fmt::format("{} cannot be {} in frame {} and {} again in frame {}.", trajectory.entity, classes[1].name, trajectory.steps[found->event], classes[0].name,
                                trajectory.steps[found->default_]),
                    "Remove or correct one of the two labels first.");
    }
    return {};
}

Result<std::size_t> LabelModel::fillGaps() {
    if (!schema() || !data_) return 0;
    std::map<int, std::vector<std::uint32_t>> filled;
    for (const Trajectory& track : data_->tracks()) {
        std::vector<int> labels;
        for (const std::uint32_t row : track.rows) labels.push_back(labels_[row]);
        for (const auto& [position, classIndex] : fillBetween(labels)) filled[classIndex].push_back(track.rows[position]);
    }
    std::vector<LabelChange> changes;
    for (const auto& [classIndex, rows] : filled)
        for (const std::uint32_t row : rows) changes.push_back({target(row), schema()->classes[static_cast<std::size_t>(classIndex)].name});
    const std::size_t count = changes.size();
    if (count == 0) return 0;
    if (count <= EditStack::kAtOnce && !edits_.isStoring()) {
        DS_TRY(edits_.apply(schema()->name, changes, "propagated"));
    } else {
        edits_.applyLater(schema()->name, std::move(changes), "propagated");
    }
    return count;
}

bool LabelModel::isStoring() const {
    return edits_.isStoring();
}

std::optional<std::uint32_t> LabelModel::rowOf(const LabelTarget& target) const {
    if (target.dataset != dataset_) return std::nullopt;
    return data_->rowOfStored(target.entity, target.step);
}

int LabelModel::classOf(const std::string& name) const {
    const auto found = schema()->find(name);
    return found ? static_cast<int>(*found) : kUnlabelled;
}

void LabelModel::put(std::uint32_t row, int classIndex) {
    labelled_ += (classIndex != kUnlabelled) - (labels_[row] != kUnlabelled);
    labels_[row] = classIndex;
}

void LabelModel::onEvents(const std::string& schemaName, const std::vector<LabelEvent>& events) {
    if (!data_ || !schema() || schemaName != schema()->name) return;
    std::vector<std::uint32_t> rows;
    for (const LabelEvent& event : events) {
        const auto row = rowOf(event.target);
        if (!row) continue;
        put(*row, event.after.empty() ? kUnlabelled : classOf(event.after));
        rows.push_back(*row);
    }
    Q_EMIT labelsChanged();
    const bool undoOrRedo = !events.empty() && (events.front().origin == "undo" || events.front().origin == "redo");
    Q_EMIT edited(rows, undoOrRedo);
}

}  // namespace driftscope::cells
