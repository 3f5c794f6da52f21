#include "core/cells/watershed.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace driftscope::cells {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;

class Basins {
  public:
    std::uint32_t add(float peak) {
        parent_.push_back(static_cast<std::uint32_t>(parent_.size()));
        peak_.push_back(peak);
        return parent_.back();
    }
    std::uint32_t find(std::uint32_t basin) {
        while (parent_[basin] != basin) basin = parent_[basin] = parent_[parent_[basin]];
        return basin;
    }
    /// Two basins meet at height `saddle`: the lower peak gives way when it hardly rises above it.
    void meet(std::uint32_t a, std::uint32_t b, float saddle, float depth) {
        // Basins are created by falling peak, so the smaller index is the higher peak.
        if (a > b) std::swap(a, b);
        if (a != b && peak_[b] - saddle < depth * peak_[b]) parent_[b] = a;
    }
    std::size_t size() const { return parent_.size(); }

  private:
    std::vector<std::uint32_t> parent_;
    std::vector<float> peak_;
};

std::vector<std::uint32_t> pixelsByFallingHeight(const io::FloatImage& height) {
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < height.pixels.size(); ++i)
        if (height.pixels[i] > 0) order.push_back(i);
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
        return height.pixels[a] != height.pixels[b] ? height.pixels[a] > height.pixels[b] : a < b;
    });
    return order;
}

/// Floods pixels from high to low; returns the basin of each pixel before joins are followed.
std::vector<std::uint32_t> flood(const io::FloatImage& height, float depth, Basins& basins) {
    std::vector<std::uint32_t> basin(height.pixels.size(), kNone);
    const int w = height.width, h = height.height;
    for (const std::uint32_t pixel : pixelsByFallingHeight(height)) {
        const int y = static_cast<int>(pixel) / w, x = static_cast<int>(pixel) % w;
        std::array<std::uint32_t, 8> near{};
        std::size_t count = 0;
        std::uint32_t steepest = kNone;
        float highest = 0;
        for (int ny = std::max(0, y - 1); ny <= std::min(h - 1, y + 1); ++ny)
            for (int nx = std::max(0, x - 1); nx <= std::min(w - 1, x + 1); ++nx) {
                const std::size_t neighbour =
                    static_cast<std::size_t>(ny) * static_cast<std::size_t>(w) + static_cast<std::size_t>(nx);
                if (basin[neighbour] == kNone) continue;
                near[count++] = basins.find(basin[neighbour]);
                if (height.pixels[neighbour] > highest) highest = height.pixels[neighbour], steepest = near[count - 1];
            }
        basin[pixel] = count ? steepest : basins.add(height.pixels[pixel]);
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t j = i + 1; j < count; ++j)
                basins.meet(basins.find(near[i]), basins.find(near[j]), height.pixels[pixel], depth);
    }
    return basin;
}

}  // namespace

io::LabelImage watershedPeaks(const io::FloatImage& height, float depth) {
    Basins basins;
    const auto basin = flood(height, depth, basins);
    std::vector<std::uint32_t> labelOf(basins.size(), 0);
    std::uint32_t next = 0;
    for (std::uint32_t b = 0; b < basins.size(); ++b)
        if (basins.find(b) == b) labelOf[b] = ++next;
    io::LabelImage labels(height.width, height.height);
    for (std::size_t i = 0; i < basin.size(); ++i)
        if (basin[i] != kNone) labels.pixels[i] = labelOf[basins.find(basin[i])];
    return labels;
}

}  // namespace driftscope::cells
