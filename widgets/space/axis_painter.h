#pragma once

#include <QFontMetricsF>
#include <QRectF>
#include <QString>
#include <vector>

#include "widgets/space/view_transform.h"

class QPainter;
class QPalette;

namespace driftscope::space {

/// Round positions (1, 2 or 5 times a power of ten) about `wanted` in number inside [low, high].
std::vector<double> ticks(double low, double high, int wanted);

/// Space the axes need around the plot, in pixels: left and bottom.
QSizeF axisMargins(const QFontMetricsF& metrics);

/// Quiet axes left of and below `plot`: ticks, numbers and titles.
void drawAxes(QPainter& painter, const QRectF& plot, const ViewTransform& view, const QString& titleX,
              const QString& titleY, const QPalette& palette);

}  // namespace driftscope::space
