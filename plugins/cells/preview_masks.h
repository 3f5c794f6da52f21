#pragma once

#include <memory>

#include "core/cells/segment.h"
#include "core/io/time_lapse.h"

namespace driftscope::cells {

/// The masks that cells.segment would make from a movie, computed when a frame is asked for: the live preview while
/// settings change. Uses the same function as the job.
class PreviewMasks : public io::TimeLapse {
  public:
    PreviewMasks(std::shared_ptr<const io::TimeLapse> images, SegmentSettings settings, int channel);

    const io::TimeLapseInfo& info() const override { return info_; }
    const std::filesystem::path& path() const override { return images_->path(); }
    Result<io::FloatImage> plane(std::int64_t t, std::int64_t c, std::int64_t z) const override;
    Result<io::LabelImage> labels(std::int64_t t, std::int64_t c, std::int64_t z) const override;

  private:
    std::shared_ptr<const io::TimeLapse> images_;
    SegmentSettings settings_;
    int channel_;
    io::TimeLapseInfo info_;
};

}  // namespace driftscope::cells
