#pragma once

#include <cstdint>

#include "widgets/space/point_cloud.h"
#include "widgets/space/view_transform.h"

namespace driftscope::space {

/// A pixel grid with a margin on all sides, so that stamps near the border need no clipping, and bins behind the last
/// row for points that must leave no trace (cheaper than a branch per point).
struct PixelGrid {
    static constexpr int kMargin = 24;
    static constexpr int kBins = 16;    ///< one for each of the threads that draw at the same time
    static constexpr int kBinRows = 8;  ///< between them: more than the smallest stamps reach
    static constexpr int kGuard = 3;  ///< cells at the outer rim that no point falls into, room for the smallest stamps

    int width = 0;
    int height = 0;

    int stride() const { return width + 2 * kMargin; }
    int rows() const { return height + 2 * kMargin; }
    std::size_t cells() const {
        return static_cast<std::size_t>(stride()) * static_cast<std::size_t>(rows() + 2 * kMargin + kBins * kBinRows);
    }
    std::int32_t bin(int number = 0) const { return stride() * (rows() + kMargin + number * kBinRows) + stride() / 2; }
    std::int32_t at(int x, int y) const { return (y + kMargin) * stride() + x + kMargin; }
};

/// Where a block's corner and quanta fall on a PixelGrid (margin included): px = x + qx * perX, py = y - qy * perY.
struct BlockOnGrid {
    float x = 0, y = 0, perX = 0, perY = 0;
    bool visible = false;  ///< its box touches the grid
    bool coarse = false;   ///< a quantum exceeds 1/16 pixel: use the exact coordinates instead
};
BlockOnGrid placeBlock(const Block& block, const ViewTransform& view, const PixelGrid& grid);

/// Projects the first `count` points of a block and writes the grid cell of each, or `bin` for those outside.
void projectToCells(const PointCloud& cloud, const Block& block, const BlockOnGrid& placed, const ViewTransform& view,
                    const PixelGrid& grid, std::int32_t bin, int count, std::int32_t* cells);
/// Sends points whose (style word & mask) differs from `value` to the bin.
void keepMatching(const std::uint16_t* words, std::uint16_t mask, std::uint16_t value, std::int32_t bin, int count,
                  std::int32_t* cells);

}  // namespace driftscope::space
