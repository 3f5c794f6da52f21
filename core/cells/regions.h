#pragma once

#include <cstdint>
#include <vector>

#include "core/base/error.h"
#include "core/io/image.h"

namespace driftscope::cells {

/// One labelled object of a frame.
struct Region {
    std::uint32_t label = 0;
    double y = 0, x = 0;  ///< centroid, px
    double area = 0;      ///< px
    double total = 0;     ///< summed intensity above the frame's background; the area when no image was given
    int top = 0, left = 0, bottom = 0, right = 0;  ///< bounding box, inclusive
    bool atEdge = false;                           ///< cut by the edge of the image

    double mean() const { return total / area; }
};

/// Measures every object, by ascending label. Background is the median of the unlabelled pixels; non-finite pixels do
/// not count. `image` may be null. Errors: image and labels differ in size (both named).
Result<std::vector<Region>> measureRegions(const io::LabelImage& labels, const io::FloatImage* image);

/// Pixels that two label images share.
struct Overlap {
    std::uint32_t first = 0;
    std::uint32_t second = 0;
    std::uint32_t pixels = 0;
};
/// All pairs of non-zero labels that lie on each other, sorted. The images have one size.
std::vector<Overlap> overlaps(const io::LabelImage& first, const io::LabelImage& second);

}  // namespace driftscope::cells
