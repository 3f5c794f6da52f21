#pragma once

#include <QPointF>
#include <cstdint>
#include <vector>

namespace driftscope::image {

/// Where one object was over time. Positions are array indices as tables give them: the first pixel's centre is (0, 0).
struct Trajectory {
    std::uint32_t id = 0;         ///< the mask's value
    std::uint32_t parent = 0;     ///< id of the object this one split from, 0 for none
    std::vector<int> frames;      ///< ascending
    std::vector<QPointF> points;  ///< one per frame
};

}  // namespace driftscope::image
