#pragma once

#include <cstdint>
#include <optional>

#include "widgets/space/view_transform.h"

class QPainter;

namespace driftscope::space {

class EmbeddingScene;

/// Draws one trajectory over the points: a halo, a line fading from old to new in the points' colours, arrow heads
/// along it, and a marker at the current step. `view` is in the painter's coordinates.
void drawTrackOverlay(QPainter& painter, const EmbeddingScene& scene, std::uint32_t track, const ViewTransform& view,
                      std::optional<std::int64_t> currentStep);

}  // namespace driftscope::space
