#pragma once

#include <QColor>
#include <QRectF>
#include <cstdint>

class QPainter;

namespace driftscope::image {

struct CanvasScene;
struct CellLook;

/// The part of the image on screen, in pixels.
QRectF imageInSight(const CanvasScene& scene);
/// The colour a cell is drawn with; alpha 0 hides it.
QColor cellColor(const CellLook& look, std::uint32_t id);
/// Fills and outlines of the frame's masks: plain ones first, then the selected, then the one under the cursor.
void paintCells(QPainter& painter, const CanvasScene& scene);

}  // namespace driftscope::image
