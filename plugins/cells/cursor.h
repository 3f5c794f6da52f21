#pragma once

#include <QObject>
#include <cstdint>
#include <memory>
#include <optional>

#include "plugins/cells/cells_data.h"

namespace driftscope::cells {

/// Where the person is: a field of view, a frame, and the track that is followed (if any). Every view shows it, every key
/// moves it.
class Cursor : public QObject {
    Q_OBJECT
  public:
    explicit Cursor(QObject* parent = nullptr);

    void setData(std::shared_ptr<const CellsData> data);

    std::uint32_t field() const { return field_; }
    std::int64_t frame() const { return frame_; }
    std::optional<std::uint32_t> track() const { return track_; }
    /// The followed track's row in the current frame; nothing when the cell is absent in this frame.
    std::optional<std::uint32_t> row() const;
    std::int64_t frames() const;  ///< of the current field

    void goTo(std::uint32_t field, std::int64_t frame);
    void setFrame(std::int64_t frame);           ///< clamped to the movie
    void setTrack(std::optional<std::uint32_t> track);
    void goToRow(std::uint32_t row);             ///< its field, frame and track
    void stepFrame(int by) { setFrame(frame_ + by); }
    /// The next or previous track that has a cell in the current frame, in order of track id; wraps around.
    void stepTrack(int by);

  Q_SIGNALS:
    void frameChanged();  ///< frame or field
    void trackChanged();
    void moved();         ///< any of them, once per change

  private:
    std::shared_ptr<const CellsData> data_;
    std::uint32_t field_ = 0;
    std::int64_t frame_ = 0;
    std::optional<std::uint32_t> track_;
};

}  // namespace driftscope::cells
