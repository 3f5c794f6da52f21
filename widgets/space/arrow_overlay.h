#pragma once

#include <cstdint>
#include <vector>

#include "widgets/space/view_transform.h"

class QPainter;
class QPainterPath;
class QPointF;

namespace driftscope::space {

class EmbeddingScene;

/// From one point to another: a state before and after.
struct Arrow {
    std::uint32_t from = 0, to = 0;
    bool operator==(const Arrow&) const = default;
};

/// A filled head whose tip points away from `from`; empty when both are the same place.
QPainterPath arrowHead(const QPointF& from, const QPointF& tip);

/// Draws arrows in the colours of the points they lead to; those of selected points strong, others quieter while there is a
/// selection. `view` is in the painter's coordinates.
void drawArrows(QPainter& painter, const EmbeddingScene& scene, const std::vector<Arrow>& arrows, const ViewTransform& view);

}  // namespace driftscope::space
