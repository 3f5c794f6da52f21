#pragma once

#include <cstdint>
#include <vector>

#include "core/io/image.h"

namespace driftscope::cells {

/// A corner between pixels: pixel (y, x) covers x … x+1 and y … y+1.
struct Corner {
    std::int32_t x = 0, y = 0;
    bool operator==(const Corner&) const = default;
};

/// One closed boundary of an object along pixel edges; the last corner joins the first. Outer boundaries run clockwise
/// as seen on a screen (y down), holes anticlockwise. Corners in the middle of straight lines are left out.
struct Outline {
    std::uint32_t label = 0;
    std::vector<Corner> corners;
};

/// The boundaries of every object, by ascending label. Exact: filling them (even-odd or winding) gives the mask back.
/// Parts that touch only at a corner get boundaries of their own.
std::vector<Outline> outlines(const io::LabelImage& labels);

/// 1 on pixels of objects that have a 4-neighbour outside the image or with another label, else 0.
io::Image<std::uint8_t> edgePixels(const io::LabelImage& labels);

}  // namespace driftscope::cells
