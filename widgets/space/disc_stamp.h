#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "widgets/space/blend.h"

namespace driftscope::space {

/// An antialiased disc with an outline, prepared at 4 x 4 sub-pixel positions: stamping one is a few dozen blends
/// instead of a path fill.
class DiscStamp {
  public:
    /// Radius and outline width in pixels; the outline lies inside the radius. Width 0 draws none.
    DiscStamp(float radius, float outline);

    int reach() const { return reach_; }  ///< pixels from the centre pixel to the edge of the stamp

    struct Target {
        QRgb* pixels;        ///< opaque
        std::uint32_t* ids;  ///< same layout; null when picking is not wanted
        int stride;          ///< elements per row of both
    };
    /// Blends at (x, y), in pixels from the target's origin; the caller keeps reach() + 1 pixels of margin.
    void draw(const Target& target, float x, float y, QRgb fill, QRgb line, std::uint32_t id) const;

  private:
    static constexpr int kPhases = 4;
    struct Texel {
        std::uint8_t cover;  ///< of the whole disc
        std::uint8_t line;   ///< share of the outline colour
    };
    int reach_ = 0;
    int side_ = 0;
    std::array<std::vector<Texel>, kPhases * kPhases> masks_;
};

}  // namespace driftscope::space
