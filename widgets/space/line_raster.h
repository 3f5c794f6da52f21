#pragma once

#include <QRgb>

namespace driftscope::space {

/// Opaque pixels in rows of `stride`, drawable in [0, width) x [0, height).
struct LineTarget {
    QRgb* pixels;
    int stride;
    int width;
    int height;
};

/// Cuts a segment to the target. False when nothing is left. Coordinates must be finite.
bool clipSegment(const LineTarget& target, float& x0, float& y0, float& x1, float& y1);
/// One pixel wide, without antialiasing: a store per pixel. The segment must lie inside the target.
void drawThinLine(const LineTarget& target, float x0, float y0, float x1, float y1, QRgb colour);
/// `width` pixels wide, antialiased. The segment must keep `width` pixels of distance to the target's border.
void drawSmoothLine(const LineTarget& target, float x0, float y0, float x1, float y1, float width, QRgb colour);

}  // namespace driftscope::space
