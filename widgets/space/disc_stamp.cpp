#include "widgets/space/disc_stamp.h"

#include <algorithm>
#include <cmath>

namespace driftscope::space {

namespace {

std::uint8_t toByte(float share) {
    return static_cast<std::uint8_t>(std::lround(std::clamp(share, 0.0F, 1.0F) * 255.0F));
}

}  // namespace

DiscStamp::DiscStamp(float radius, float outline)
    : reach_(static_cast<int>(std::ceil(radius + 0.5F))), side_(2 * reach_ + 1) {
    for (int phase = 0; phase < kPhases * kPhases; ++phase) {
        const float centreX = (static_cast<float>(phase % kPhases) + 0.5F) / kPhases;
        const float centreY = (static_cast<float>(phase / kPhases) + 0.5F) / kPhases;
        auto& mask = masks_[static_cast<std::size_t>(phase)];
        mask.reserve(static_cast<std::size_t>(side_ * side_));
        for (int y = -reach_; y <= reach_; ++y)
            for (int x = -reach_; x <= reach_; ++x) {
                const float distance =
                    std::hypot(static_cast<float>(x) + 0.5F - centreX, static_cast<float>(y) + 0.5F - centreY);
                const float line = outline > 0 ? distance - (radius - outline) + 0.5F : 0.0F;
                mask.push_back({toByte(radius + 0.5F - distance), toByte(line)});
            }
    }
}

void DiscStamp::draw(const Target& target, float x, float y, QRgb fill, QRgb line, std::uint32_t id) const {
    const auto column = static_cast<int>(x), row = static_cast<int>(y);
    const int phaseX = static_cast<int>((x - static_cast<float>(column)) * kPhases);
    const int phaseY = static_cast<int>((y - static_cast<float>(row)) * kPhases);
    const Texel* texel = masks_[static_cast<std::size_t>(phaseY * kPhases + phaseX)].data();
    for (int dy = -reach_; dy <= reach_; ++dy) {
        const std::ptrdiff_t start = static_cast<std::ptrdiff_t>(row + dy) * target.stride + column - reach_;
        for (int dx = 0; dx < side_; ++dx, ++texel) {
            if (texel->cover == 0) continue;
            QRgb& pixel = target.pixels[start + dx];
            const QRgb colour = texel->line == 0 ? fill : mixRgb(fill, line, texel->line + 1U);
            pixel = texel->cover == 255 ? colour : mixRgb(pixel, colour, texel->cover + 1U);
            if (target.ids != nullptr && texel->cover >= 128) target.ids[start + dx] = id;
        }
    }
}

}  // namespace driftscope::space
