#include "widgets/space/projection.h"

#include <algorithm>

namespace driftscope::space {

namespace {

struct KernelInput {
    const std::uint16_t* quantaX;
    const std::uint16_t* quantaY;
    int count;
    BlockOnGrid placed;
    int stride;
    float low;     // first x and y inside
    float right;   // first x outside
    float bottom;  // first y outside
    std::int32_t bin;
};

// One source, compiled twice: for any x86-64 and for AVX2, which multiplies eight integers at a time. Neither contracts
// to fused multiply-add, so both give the same cells.
inline __attribute__((always_inline)) void projectKernel(const KernelInput& in, std::int32_t* __restrict cells) {
    const std::uint16_t* __restrict quantaX = in.quantaX;
    const std::uint16_t* __restrict quantaY = in.quantaY;
    const float x = in.placed.x, y = in.placed.y, perX = in.placed.perX, perY = in.placed.perY;
    const float low = in.low, right = in.right, bottom = in.bottom;
    const std::int32_t stride = in.stride, bin = in.bin;
    for (int i = 0; i < in.count; ++i) {
        const float px = x + static_cast<float>(quantaX[i]) * perX;
        const float py = y - static_cast<float>(quantaY[i]) * perY;
        // Clamped and compared without nesting: nested conditions would keep the compiler from using vectors.
        const float aboveX = px < low ? low : px;
        const float aboveY = py < low ? low : py;
        const float insideX = aboveX > right ? right : aboveX;
        const float insideY = aboveY > bottom ? bottom : aboveY;
        const std::int32_t cell = static_cast<std::int32_t>(insideY) * stride + static_cast<std::int32_t>(insideX);
        const std::int32_t outside = (px < low) | (px >= right) | (py < low) | (py >= bottom);
        cells[i] = outside ? bin : cell;
    }
}

void projectAnywhere(const KernelInput& in, std::int32_t* cells) {
    projectKernel(in, cells);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void projectAvx2(const KernelInput& in, std::int32_t* cells) {
    projectKernel(in, cells);
}
#endif

using ProjectFunction = void (*)(const KernelInput&, std::int32_t*);

ProjectFunction chooseProject() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return projectAvx2;
#endif
    return projectAnywhere;
}

void projectExact(const PointCloud& cloud, const Block& block, const ViewTransform& view, const PixelGrid& grid,
                  std::int32_t bin, int count, std::int32_t* cells) {
    for (int i = 0; i < count; ++i) {
        const std::uint32_t id = cloud.id(block.first + static_cast<Rank>(i));
        const double px = cloud.x(id) * view.scaleX + view.offsetX + PixelGrid::kMargin;
        const double py = view.offsetY - cloud.y(id) * view.scaleY + PixelGrid::kMargin;
        const bool inside = px >= PixelGrid::kGuard && px < grid.stride() - PixelGrid::kGuard &&
                            py >= PixelGrid::kGuard && py < grid.rows() - PixelGrid::kGuard;
        cells[i] = inside ? static_cast<std::int32_t>(py) * grid.stride() + static_cast<std::int32_t>(px) : bin;
    }
}

}  // namespace

BlockOnGrid placeBlock(const Block& block, const ViewTransform& view, const PixelGrid& grid) {
    const double x = block.x * view.scaleX + view.offsetX + PixelGrid::kMargin;
    const double y = view.offsetY - block.y * view.scaleY + PixelGrid::kMargin;
    const double perX = block.stepX * view.scaleX;
    const double perY = block.stepY * view.scaleY;
    BlockOnGrid placed{static_cast<float>(x), static_cast<float>(y), static_cast<float>(perX),
                       static_cast<float>(perY)};
    placed.visible = x < grid.stride() && x + 65535 * perX >= 0 && y >= 0 && y - 65535 * perY < grid.rows();
    placed.coarse = perX > 1.0 / 16 || perY > 1.0 / 16;
    return placed;
}

void projectToCells(const PointCloud& cloud, const Block& block, const BlockOnGrid& placed, const ViewTransform& view,
                    const PixelGrid& grid, std::int32_t bin, int count, std::int32_t* cells) {
    static const ProjectFunction project = chooseProject();
    if (placed.coarse) {
        projectExact(cloud, block, view, grid, bin, count, cells);
        return;
    }
    const bool sample = count <= static_cast<int>(PointCloud::kSample);
    project({sample ? cloud.sampleX(block) : cloud.quantaX(block), sample ? cloud.sampleY(block) : cloud.quantaY(block),
             count, placed, grid.stride(), PixelGrid::kGuard,
             static_cast<float>(grid.stride() - PixelGrid::kGuard), static_cast<float>(grid.rows() - PixelGrid::kGuard),
             bin},
            cells);
}

void keepMatching(const std::uint16_t* words, std::uint16_t mask, std::uint16_t value, std::int32_t bin, int count,
                  std::int32_t* cells) {
    for (int i = 0; i < count; ++i) cells[i] = (words[i] & mask) == value ? cells[i] : bin;
}

}  // namespace driftscope::space
