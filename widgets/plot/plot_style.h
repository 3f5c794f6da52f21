#pragma once

#include <QString>

class QCPAxis;
class QCPAxisRect;
class QCustomPlot;
class QPalette;

namespace driftscope::plot {

/// Background, axes, grid, title and legend in the palette's colours.
void applyStyle(QCustomPlot& plot, const QPalette& palette);
/// A light palette, for pictures that go into documents.
QPalette paperPalette();
/// Switches an axis and its ticks between linear and decades.
void setLogarithmic(QCPAxis& axis, bool logarithmic);
/// "12.5", "3.1e-05": six significant digits at most, '.' as the point.
QString number(double value);
/// number() and unit with a space; the bare number when there is no unit.
QString quantity(double value, const QString& unit);
/// A field of a CSV line, quoted where RFC 4180 asks for it.
QString csvField(const QString& text);

}  // namespace driftscope::plot
