#pragma once

#include <QPolygonF>
#include <cstdint>
#include <vector>

#include "core/io/image.h"

namespace driftscope::image {

/// Ids of the objects with at least half of their pixels' centres inside the polygon (image coordinates), ascending.
std::vector<std::uint32_t> objectsInside(const io::LabelImage& labels, const QPolygonF& polygon);

}  // namespace driftscope::image
