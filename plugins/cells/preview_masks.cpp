#include "plugins/cells/preview_masks.h"

#include <algorithm>

namespace driftscope::cells {

PreviewMasks::PreviewMasks(std::shared_ptr<const io::TimeLapse> images, SegmentSettings settings, int channel)
    : images_(std::move(images)), settings_(settings), channel_(channel), info_(images_->info()) {
    info_.shape[1] = 1;
    info_.shape[2] = 1;
    info_.channels.resize(1);
    info_.pixelType = "uint32";
}

Result<io::FloatImage> PreviewMasks::plane(std::int64_t t, std::int64_t c, std::int64_t z) const {
    DS_ASSIGN(const io::LabelImage found, labels(t, c, z));
    io::FloatImage out(found.width, found.height);
    std::ranges::copy(found.pixels, out.pixels.begin());
    return out;
}

Result<io::LabelImage> PreviewMasks::labels(std::int64_t t, std::int64_t, std::int64_t) const {
    // The job segments the brightest of all slices, so the preview does too.
    DS_ASSIGN(io::FloatImage image, images_->plane(t, channel_, 0));
    for (std::int64_t z = 1; z < images_->info().depth(); ++z) {
        DS_ASSIGN(const io::FloatImage slice, images_->plane(t, channel_, z));
        std::ranges::transform(image.pixels, slice.pixels, image.pixels.begin(), [](float a, float b) { return std::max(a, b); });
    }
    return segmentFrame(image, settings_);
}

}  // namespace driftscope::cells
