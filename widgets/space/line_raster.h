#pragma once

#include <QRgb>
#include <limits>

namespace driftscope::space {

/// Opaque pixels in rows of `stride`, drawable in [0, width) x [0, height). Only rows top ... bottom - 1 are written: the
/// pixels of a line are the same whichever rows are shown, so that threads can share a picture by rows.
struct LineTarget {
    QRgb* pixels;
    int stride;
    int width;
    int height;
    int top = std::numeric_limits<int>::min();
    int bottom = std::numeric_limits<int>::max();

    bool shows(int row) const { return row >= top && row < bottom; }
};

/// Cuts a segment to the target. False when nothing is left. Coordinates must be finite.
bool clipSegment(const LineTarget& target, float& x0, float& y0, float& x1, float& y1);
/// One pixel wide, without antialiasing: a store per pixel. The segment must lie inside the target.
void drawThinLine(const LineTarget& target, float x0, float y0, float x1, float y1, QRgb colour);
/// The same between the middles of two pixels.
void drawThinSteps(const LineTarget& target, int column, int row, int lastColumn, int lastRow, QRgb colour);
/// `width` pixels wide, antialiased. The segment must keep `width` pixels of distance to the target's border.
void drawSmoothLine(const LineTarget& target, float x0, float y0, float x1, float y1, float width, QRgb colour);

}  // namespace driftscope::space
