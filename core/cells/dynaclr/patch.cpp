#include "core/cells/dynaclr/patch.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace driftscope::cells {
namespace {

/// Mirrors at the edge pixel: -1 -> 1, size -> size - 2. Patches larger than the image bounce more than once.
int mirrored(int index, int size) {
    if (size == 1) return 0;
    const int period = 2 * (size - 1);
    const int folded = ((index % period) + period) % period;
    return folded < size ? folded : period - folded;
}

/// Shift along one axis that brings [begin, begin + side) inside [0, size).
int inward(int begin, int side, int size) {
    if (begin < 0) return -begin;
    return std::min(0, size - side - begin);
}

}  // namespace

Result<Border> borderFromName(const std::string& name) {
    if (name == "drop") return Border::Drop;
    if (name == "clamp") return Border::Clamp;
    if (name == "pad") return Border::Pad;
    return fail(ErrorCode::Usage, fmt::format("There is no border policy '{}'.", name), "Use drop, clamp or pad.");
}

std::optional<PatchPlace> placePatch(double centreY, double centreX, int side, int height, int width, Border border, double maxShift) {
    PatchPlace place{static_cast<int>(centreY) - side / 2, static_cast<int>(centreX) - side / 2, false};
    const int dy = inward(place.y, side, height), dx = inward(place.x, side, width);
    if (dy == 0 && dx == 0 && side <= height && side <= width) return place;
    if (border == Border::Drop) return std::nullopt;
    place.affected = true;
    if (border == Border::Pad) return place;
    const double limit = maxShift * side;
    if (side > height || side > width || std::abs(dy) > limit || std::abs(dx) > limit) return std::nullopt;
    place.y += dy;
    place.x += dx;
    return place;
}

void cutPatch(const Volume& volume, const PatchPlace& place, int side, float* into) {
    const bool inside = place.y >= 0 && place.x >= 0 && place.y + side <= volume.height && place.x + side <= volume.width;
    for (std::int64_t plane = 0; plane < volume.channels * volume.depth; ++plane) {
        const float* from = volume.pixels.data() + static_cast<std::size_t>(plane) * volume.planeSize();
        for (int row = 0; row < side; ++row, into += side) {
            const int y = inside ? place.y + row : mirrored(place.y + row, volume.height);
            const float* line = from + static_cast<std::size_t>(y) * static_cast<std::size_t>(volume.width);
            if (inside) {
                std::memcpy(into, line + place.x, static_cast<std::size_t>(side) * sizeof(float));
                continue;
            }
            for (int column = 0; column < side; ++column) into[column] = line[mirrored(place.x + column, volume.width)];
        }
    }
}

void resizePlanes(const float* planes, std::int64_t count, int from, float* into, int to) {
    std::vector<int> nearest;
    for (int i = 0; i < to; ++i) nearest.push_back(std::min(from - 1, static_cast<int>((i + 0.5) * from / to)));
    for (std::int64_t plane = 0; plane < count; ++plane, planes += static_cast<std::ptrdiff_t>(from) * from)
        for (int y = 0; y < to; ++y)
            for (int x = 0; x < to; ++x) *into++ = planes[static_cast<std::ptrdiff_t>(nearest[static_cast<std::size_t>(y)]) * from + nearest[static_cast<std::size_t>(x)]];
}

}  // namespace driftscope::cells
