#pragma once

#include "core/cells/exchange/track_set.h"
#include "core/io/image.h"

namespace driftscope::cells {

/// The label image of every frame of a set of tracks, pixel value == track id: its own masks, or cells drawn from their
/// contours, or discs. Slices of volumes are laid over each other.
class TrackMasks {
  public:
    /// Sizes that the set does not know come from `frames`, `height` and `width` (0: unknown). `radius` in pixels is for cells
    /// that have none. Errors: unknown size, a size that contradicts the set's.
    static Result<TrackMasks> make(const TrackSet& set, std::int64_t frames, std::int64_t height, std::int64_t width, double radius);

    std::int64_t frames() const { return frames_; }
    std::int64_t height() const { return height_; }
    std::int64_t width() const { return width_; }
    /// Discs are cut where they would overlap a nearer cell; every cell gets at least one pixel.
    Result<io::LabelImage> frame(std::int64_t t) const;

  private:
    explicit TrackMasks(const TrackSet& set) : set_(&set) {}
    io::LabelImage draw(std::int64_t t) const;

    const TrackSet* set_;
    std::int64_t frames_ = 0, height_ = 0, width_ = 0;
    double radius_ = 5;
    std::vector<std::vector<std::size_t>> rowsOf_;  ///< detections by frame
};

}  // namespace driftscope::cells
