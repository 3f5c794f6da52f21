#pragma once

#include <QPainterPath>
#include <QPointF>
#include <QRect>
#include <cstdint>
#include <vector>

#include "core/io/image.h"

namespace driftscope::image {

/// The border of one labelled object on the pixel grid: pixel (x, y) covers the square from (x, y) to (x + 1, y + 1).
struct Outline {
    std::uint32_t id = 0;
    QPainterPath path;      ///< closed rings, holes included (odd-even fill)
    QRect bounds;           ///< in pixels
    QPointF centre;         ///< centre of mass on the same grid (a single pixel at (0, 0) has (0.5, 0.5))
    std::int64_t area = 0;  ///< pixels
    int corners = 0;        ///< vertices of the path, what drawing costs
};

/// All objects of one mask, sorted by id.
struct Outlines {
    std::vector<Outline> cells;
    const Outline* find(std::uint32_t id) const;
};

/// Follows the cracks between pixels of different ids, 4-connected. Exact at any zoom; linear in the pixels.
Outlines traceOutlines(const io::LabelImage& labels);

}  // namespace driftscope::image
