#include "plugins/cells/cursor.h"

#include <algorithm>

namespace driftscope::cells {

Cursor::Cursor(QObject* parent) : QObject(parent) {}

void Cursor::setData(std::shared_ptr<const CellsData> data) {
    data_ = std::move(data);
    track_.reset();
    field_ = 0;
    frame_ = 0;
    Q_EMIT frameChanged();
    Q_EMIT trackChanged();
    Q_EMIT moved();
}

std::optional<std::uint32_t> Cursor::row() const {
    if (!data_ || !track_) return std::nullopt;
    const Trajectory& trajectory = data_->tracks()[*track_];
    const auto step = std::ranges::lower_bound(trajectory.steps, frame_);
    if (step == trajectory.steps.end() || *step != frame_) return std::nullopt;
    return trajectory.rows[static_cast<std::size_t>(step - trajectory.steps.begin())];
}

std::int64_t Cursor::frames() const {
    return data_ && field_ < data_->fields().size() ? data_->fields()[field_].images->info().frames() : 0;
}

void Cursor::goTo(std::uint32_t field, std::int64_t frame) {
    if (!data_ || field >= data_->fields().size()) return;
    const bool fieldChanged = field != field_;
    field_ = field;
    frame = std::clamp<std::int64_t>(frame, 0, std::max<std::int64_t>(0, frames() - 1));
    if (!fieldChanged && frame == frame_) return;
    frame_ = frame;
    if (fieldChanged && track_ && data_->fieldOf(data_->tracks()[*track_].rows.front()) != field_) {
        track_.reset();
        Q_EMIT trackChanged();
    }
    Q_EMIT frameChanged();
    Q_EMIT moved();
}

void Cursor::setFrame(std::int64_t frame) {
    goTo(field_, frame);
}

void Cursor::setTrack(std::optional<std::uint32_t> track) {
    if (track == track_) return;
    track_ = track;
    Q_EMIT trackChanged();
    Q_EMIT moved();
}

void Cursor::goToRow(std::uint32_t row) {
    if (!data_ || row >= data_->rows()) return;
    const std::uint32_t field = data_->fieldOf(row);
    const bool trackMoves = track_ != data_->trackOf(row);
    const bool frameMoves = field != field_ || frame_ != data_->detection(row).t;
    field_ = field;
    frame_ = data_->detection(row).t;
    track_ = data_->trackOf(row);
    if (frameMoves) Q_EMIT frameChanged();
    if (trackMoves) Q_EMIT trackChanged();
    if (frameMoves || trackMoves) Q_EMIT moved();
}

void Cursor::stepTrack(int by) {
    if (!data_) return;
    std::vector<std::uint32_t> rows = data_->rowsAt(field_, frame_);
    if (rows.empty()) return;
    std::ranges::sort(rows, {}, [&](std::uint32_t row) { return data_->detection(row).trackId; });
    const auto here = track_ ? std::ranges::find(rows, *track_, [&](std::uint32_t row) { return data_->trackOf(row); }) : rows.end();
    const auto count = static_cast<std::int64_t>(rows.size());
    std::int64_t next = by > 0 ? 0 : count - 1;
    if (here != rows.end()) next = ((here - rows.begin()) + by % count + count) % count;
    setTrack(data_->trackOf(rows[static_cast<std::size_t>(next)]));
}

}  // namespace driftscope::cells
