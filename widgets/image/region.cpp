#include "widgets/image/region.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace driftscope::image {

namespace {

/// x where the polygon's edges cross the line y, ascending.
std::vector<double> crossings(const QPolygonF& polygon, double y) {
    std::vector<double> xs;
    for (qsizetype i = 0; i < polygon.size(); ++i) {
        const QPointF a = polygon[i], b = polygon[(i + 1) % polygon.size()];
        if ((a.y() <= y) != (b.y() <= y)) xs.push_back(a.x() + (y - a.y()) / (b.y() - a.y()) * (b.x() - a.x()));
    }
    std::sort(xs.begin(), xs.end());
    return xs;
}

}  // namespace

std::vector<std::uint32_t> objectsInside(const io::LabelImage& labels, const QPolygonF& polygon) {
    struct Count {
        std::int64_t inside = 0, all = 0;
    };
    std::map<std::uint32_t, Count> counts;
    for (int y = 0; y < labels.height; ++y) {
        const std::vector<double> xs = crossings(polygon, y + 0.5);
        for (int x = 0; x < labels.width; ++x) {
            const std::uint32_t id = labels.at(y, x);
            if (id == 0) continue;
            Count& count = counts[id];
            ++count.all;
            const auto left = std::upper_bound(xs.begin(), xs.end(), x + 0.5) - xs.begin();
            count.inside += left % 2;
        }
    }
    std::vector<std::uint32_t> ids;
    for (const auto& [id, count] : counts)
        if (count.inside > 0 && 2 * count.inside >= count.all) ids.push_back(id);
    return ids;
}

}  // namespace driftscope::image
