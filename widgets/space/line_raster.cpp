#include "widgets/space/line_raster.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "widgets/space/blend.h"

namespace driftscope::space {

bool clipSegment(const LineTarget& target, float& x0, float& y0, float& x1, float& y1) {
    // Liang and Barsky: shrink the parameter range [enter, leave] at each of the four borders.
    const float right = static_cast<float>(target.width) - 1, bottom = static_cast<float>(target.height) - 1;
    const float dx = x1 - x0, dy = y1 - y0;
    float enter = 0, leave = 1;
    const auto cut = [&](float direction, float distance) {
        if (direction == 0) return distance >= 0;
        const float t = distance / direction;
        if (direction < 0)
            enter = std::max(enter, t);
        else
            leave = std::min(leave, t);
        return enter <= leave;
    };
    if (!cut(-dx, x0) || !cut(dx, right - x0) || !cut(-dy, y0) || !cut(dy, bottom - y0)) return false;
    const float startX = x0, startY = y0;
    x0 = std::clamp(startX + enter * dx, 0.0F, right);
    y0 = std::clamp(startY + enter * dy, 0.0F, bottom);
    x1 = std::clamp(startX + leave * dx, 0.0F, right);
    y1 = std::clamp(startY + leave * dy, 0.0F, bottom);
    return true;
}

void drawThinLine(const LineTarget& target, float x0, float y0, float x1, float y1, QRgb colour) {
    drawThinSteps(target, static_cast<int>(x0), static_cast<int>(y0), static_cast<int>(x1), static_cast<int>(y1),
                  colour);
}

void drawThinSteps(const LineTarget& target, int column, int row, int lastColumn, int lastRow, QRgb colour) {
    const int acrossX = lastColumn - column, acrossY = lastRow - row;
    const int steps = std::max(std::abs(acrossX), std::abs(acrossY));
    const bool whole = target.shows(row) && target.shows(lastRow);
    if (steps == 0) {
        if (whole) target.pixels[static_cast<std::ptrdiff_t>(row) * target.stride + column] = colour;
        return;
    }
    // 16.16 fixed point along the longer axis.
    const float perStep = 65536.0F / static_cast<float>(steps);
    const auto perX = static_cast<std::int32_t>(static_cast<float>(acrossX) * perStep);
    const auto perY = static_cast<std::int32_t>(static_cast<float>(acrossY) * perStep);
    std::int32_t x = column * 65536 + 32768, y = row * 65536 + 32768;
    for (int i = 0; i <= steps; ++i, x += perX, y += perY)
        if (whole || target.shows(y >> 16))
            target.pixels[static_cast<std::ptrdiff_t>(y >> 16) * target.stride + (x >> 16)] = colour;
}

void drawSmoothLine(const LineTarget& target, float x0, float y0, float x1, float y1, float width, QRgb colour) {
    const bool steep = std::abs(y1 - y0) > std::abs(x1 - x0);
    float along0 = steep ? y0 : x0, along1 = steep ? y1 : x1;
    float across0 = steep ? x0 : y0, across1 = steep ? x1 : y1;
    if (along0 > along1) {
        std::swap(along0, along1);
        std::swap(across0, across1);
    }
    const float length = along1 - along0;
    const float slope = length > 0 ? (across1 - across0) / length : 0;
    const float shorten = 1 / std::sqrt(1 + slope * slope);  // perpendicular per vertical distance
    const float half = width / 2;
    const float reach = (half + 0.5F) / shorten;
    const std::ptrdiff_t alongStep = steep ? target.stride : 1, acrossStep = steep ? 1 : target.stride;
    // Half-open, so that the vertex shared by two segments is not blended twice.
    const int first = static_cast<int>(std::floor(along0 + 0.5F));
    const int last = std::max(first + 1, static_cast<int>(std::floor(along1 + 0.5F)));
    for (int a = first; a < last; ++a) {
        const float centre = across0 + (static_cast<float>(a) + 0.5F - along0) * slope;
        const int from = static_cast<int>(std::floor(centre - reach)),
                  to = static_cast<int>(std::floor(centre + reach));
        if (steep && !target.shows(a)) continue;
        for (int c = from; c <= to; ++c) {
            if (!steep && !target.shows(c)) continue;
            const float distance = std::abs(static_cast<float>(c) + 0.5F - centre) * shorten;
            const float cover = std::clamp(half + 0.5F - distance, 0.0F, 1.0F);
            QRgb& pixel = target.pixels[a * alongStep + c * acrossStep];
            pixel = mixRgb(pixel, colour, static_cast<std::uint32_t>(cover * 256));
        }
    }
}

}  // namespace driftscope::space
