#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace driftscope::cells {

/// What to do with a cell whose patch would reach over the edge of the image.
enum class Border {
    Drop,   ///< leave the cell out (VisCy's single-plate module)
    Clamp,  ///< move the patch inward, up to a share of its side; beyond that the cell is left out
    Pad,    ///< keep the cell in the centre and mirror the image at its edge
};
Result<Border> borderFromName(const std::string& name);

/// Where a patch of `side` pixels lies: rows [y, y + side), columns [x, x + side).
struct PatchPlace {
    int y = 0;
    int x = 0;
    bool affected = false;  ///< moved (Clamp) or mirrored (Pad)
};

/// The place of the patch around a centroid, which is cut to whole pixels as the reference does; nothing when the policy
/// leaves the cell out. `maxShift` is the share of the side a patch may move under Clamp.
std::optional<PatchPlace> placePatch(double centreY, double centreX, int side, int height, int width, Border border, double maxShift);

/// A frame of one field of view: (C, Z, Y, X) float32.
struct Volume {
    std::int64_t channels = 0, depth = 0;
    int height = 0, width = 0;
    std::vector<float> pixels;

    std::size_t planeSize() const { return static_cast<std::size_t>(height) * static_cast<std::size_t>(width); }
};

/// Copies the patch of all channels and slices to `into` (C, Z, side, side); outside pixels are mirrored.
void cutPatch(const Volume& volume, const PatchPlace& place, int side, float* into);

/// Square planes of side `from` to side `to`, each pixel the nearest one (PyTorch's nearest-exact, as VisCy rescales).
void resizePlanes(const float* planes, std::int64_t count, int from, float* into, int to);

}  // namespace driftscope::cells
