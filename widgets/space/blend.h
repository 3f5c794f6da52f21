#pragma once

#include <QRgb>
#include <cstdint>

namespace driftscope::space {

/// from + (to - from) share / 256 per channel, opaque; share in 0..256. Red and blue go through one multiplication.
inline QRgb mixRgb(QRgb from, QRgb to, std::uint32_t share) {
    const std::uint32_t rest = 256 - share;
    const std::uint32_t redBlue = ((from & 0x00FF00FFU) * rest + (to & 0x00FF00FFU) * share + 0x00800080U) >> 8;
    const std::uint32_t green = ((from & 0x0000FF00U) * rest + (to & 0x0000FF00U) * share + 0x00008000U) >> 8;
    return 0xFF000000U | (redBlue & 0x00FF00FFU) | (green & 0x0000FF00U);
}

}  // namespace driftscope::space
