#include "widgets/space/polygon_mask.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <numeric>

#include "core/base/thread_team.h"

namespace driftscope::space {

namespace {

/// Twice the signed area of (a, b, p): positive when p lies left of a -> b.
double side(double ax, double ay, double bx, double by, double px, double py) {
    return (bx - ax) * (py - ay) - (px - ax) * (by - ay);
}

}  // namespace

PolygonMask::PolygonMask(const QPolygonF& polygon, const PixelGrid& grid)
    : grid_(grid),
      bounds_(polygon.boundingRect()),
      linesOfRow_(static_cast<std::size_t>(grid.rows())),
      cells_(grid.cells(), Outside) {
    for (qsizetype i = 0; i < polygon.size(); ++i) {
        const QPointF& a = polygon[i];
        const QPointF& b = polygon[(i + 1) % polygon.size()];
        if (a != b) lines_.push_back({a.x(), a.y(), b.x(), b.y()});
    }
    for (std::uint32_t i = 0; i < lines_.size(); ++i)
        for (int row = rowOf(std::min(lines_[i].y0, lines_[i].y1)) - 1;
             row <= rowOf(std::max(lines_[i].y0, lines_[i].y1)) + 1; ++row)
            if (row >= 0 && row < grid_.rows()) linesOfRow_[static_cast<std::size_t>(row)].push_back(i);
    fillInside();
    markEdges();
}

int PolygonMask::rowOf(double y) const {
    return static_cast<int>(std::floor(std::clamp(y, -2.0 * PixelGrid::kMargin, 1e6))) + PixelGrid::kMargin;
}

void PolygonMask::fillInside() {
    std::vector<std::pair<double, int>> crossings;
    for (int row = 0; row < grid_.rows(); ++row) {
        const double y = row - PixelGrid::kMargin + 0.5;
        crossings.clear();
        for (std::uint32_t index : linesOfRow_[static_cast<std::size_t>(row)]) {
            const Line& l = lines_[index];
            if ((l.y0 <= y) == (l.y1 <= y)) continue;
            crossings.emplace_back(l.x0 + (y - l.y0) / (l.y1 - l.y0) * (l.x1 - l.x0), l.y0 <= y ? 1 : -1);
        }
        std::sort(crossings.begin(), crossings.end());
        int winding = 0;
        for (std::size_t i = 0; i + 1 < crossings.size(); ++i) {
            winding += crossings[i].second;
            if (winding == 0) continue;
            const auto column = [&](double x) {
                return std::clamp(static_cast<int>(std::ceil(std::clamp(x, -1e6, 1e6) - 0.5)) + PixelGrid::kMargin, 0,
                                  grid_.stride());
            };
            std::uint8_t* line =
                cells_.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(grid_.stride());
            std::fill(line + column(crossings[i].first),
                      line + std::max(column(crossings[i].first), column(crossings[i + 1].first)), Inside);
        }
    }
}

void PolygonMask::markEdges() {
    // One pixel wider than the edge itself, so that neither quantised coordinates nor pixel centres can disagree.
    for (int row = 0; row < grid_.rows(); ++row)
        for (std::uint32_t index : linesOfRow_[static_cast<std::size_t>(row)]) {
            const Line& l = lines_[index];
            double from = std::min(l.x0, l.x1), to = std::max(l.x0, l.x1);
            const double top = row - PixelGrid::kMargin - 1.0, bottom = top + 3.0;
            if (l.y0 != l.y1) {
                const double atTop = l.x0 + (std::clamp(top, std::min(l.y0, l.y1), std::max(l.y0, l.y1)) - l.y0) /
                                                (l.y1 - l.y0) * (l.x1 - l.x0);
                const double atBottom = l.x0 + (std::clamp(bottom, std::min(l.y0, l.y1), std::max(l.y0, l.y1)) - l.y0) /
                                                   (l.y1 - l.y0) * (l.x1 - l.x0);
                from = std::min(atTop, atBottom);
                to = std::max(atTop, atBottom);
            }
            const auto column = [&](double x) {
                return static_cast<int>(std::floor(std::clamp(x, -1e6, 1e6))) + PixelGrid::kMargin;
            };
            const int first = std::max(0, column(from) - 1), last = std::min(grid_.stride() - 1, column(to) + 1);
            std::uint8_t* line =
                cells_.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(grid_.stride());
            for (int x = first; x <= last; ++x) line[x] = Edge;
        }
}

bool PolygonMask::containsExactly(double x, double y) const {
    const int row = rowOf(y);
    if (row < 0 || row >= grid_.rows()) return false;
    int winding = 0;
    for (std::uint32_t index : linesOfRow_[static_cast<std::size_t>(row)]) {
        const Line& l = lines_[index];
        if (l.y0 <= y && l.y1 > y && side(l.x0, l.y0, l.x1, l.y1, x, y) > 0) ++winding;
        if (l.y0 > y && l.y1 <= y && side(l.x0, l.y0, l.x1, l.y1, x, y) < 0) --winding;
    }
    return winding != 0;
}

namespace {

bool overlaps(const BlockOnGrid& placed, const QRectF& polygon) {
    const double left = placed.x - PixelGrid::kMargin, bottom = placed.y - PixelGrid::kMargin;
    return placed.visible && left <= polygon.right() + 1 && left + 65535.0 * placed.perX >= polygon.left() - 1 &&
           bottom >= polygon.top() - 1 && bottom - 65535.0 * placed.perY <= polygon.bottom() + 1;
}

/// True when the block's whole box lies in pixels that are inside for certain; boxes too large to look at say no.
bool surelyInside(const PolygonMask& mask, const BlockOnGrid& placed, const PixelGrid& grid) {
    constexpr int kLargest = 400;
    if (!(65535 * placed.perX < kLargest && 65535 * placed.perY < kLargest)) return false;
    const int left = static_cast<int>(std::floor(placed.x)) - 1,
              right = static_cast<int>(placed.x + 65535 * placed.perX) + 1;
    const int top = static_cast<int>(std::floor(placed.y - 65535 * placed.perY)) - 1,
              bottom = static_cast<int>(placed.y) + 1;
    if (left < 0 || top < 0 || right >= grid.stride() || bottom >= grid.rows() ||
        (right - left) * (bottom - top) > kLargest)
        return false;
    for (int y = top; y <= bottom; ++y)
        for (int x = left; x <= right; ++x)
            if (mask.cell(y * grid.stride() + x) != PolygonMask::Inside) return false;
    return true;
}

using Bits = std::vector<std::uint64_t>;

constexpr std::size_t kBlocksPerTask = 256;
constexpr std::size_t kWordsPerTask = 4096;

/// Everything one lasso is decided by.
struct Search {
    const PointCloud& cloud;
    std::span<const std::uint16_t> words;
    std::uint16_t exclude;
    const ViewTransform& view;
    PixelGrid grid;
    PolygonMask mask;
};

/// Sets the bits of a block's points inside. Bits instead of a list: ids come out sorted without sorting millions.
void searchBlock(const Search& search, const Block& block, Bits& bits) {
    const BlockOnGrid placed = placeBlock(block, search.view, search.grid);
    if (!overlaps(placed, search.mask.bounds())) return;
    const std::uint16_t* words = search.words.data() + block.first;
    const std::uint32_t* ids = search.cloud.order().data() + block.first;
    const auto add = [&bits](std::uint32_t id) { bits[id >> 6] |= std::uint64_t{1} << (id & 63); };
    if (surelyInside(search.mask, placed, search.grid)) {
        for (Rank i = 0; i < block.count; ++i)
            if ((words[i] & search.exclude) == 0) add(ids[i]);
        return;
    }
    std::array<std::int32_t, PointCloud::kBlockSize> cells;
    projectToCells(search.cloud, block, placed, search.view, search.grid, search.grid.bin(), block.count, cells.data());
    for (Rank i = 0; i < block.count; ++i) {
        const PolygonMask::Cell cell = search.mask.cell(cells[i]);
        if (cell == PolygonMask::Outside || (words[i] & search.exclude) != 0) continue;
        if (cell == PolygonMask::Edge) {
            const QPointF at = search.view.toPixels(search.cloud.x(ids[i]), search.cloud.y(ids[i]));
            if (!search.mask.containsExactly(at.x(), at.y())) continue;
        }
        add(ids[i]);
    }
}

/// Every thread sets bits of its own: neighbours on screen are strangers by id, and would fight over words.
Bits searchBlocks(const Search& search, ThreadTeam* team) {
    const std::span blocks = search.cloud.blocks();
    std::vector<Bits> found(team != nullptr ? team->size() : 1);
    std::atomic<std::size_t> next{0};
    shareOut(team, found.size(), [&](std::size_t worker) {
        std::size_t begin = next.fetch_add(kBlocksPerTask);
        if (begin < blocks.size()) found[worker].assign((search.cloud.size() + 63) / 64, 0);
        for (; begin < blocks.size(); begin = next.fetch_add(kBlocksPerTask))
            for (const Block& block : blocks.subspan(begin, std::min(kBlocksPerTask, blocks.size() - begin)))
                searchBlock(search, block, found[worker]);
    });
    Bits all = std::move(found.front());
    for (std::size_t worker = 1; worker < found.size(); ++worker) {
        if (all.empty()) all.swap(found[worker]);
        for (std::size_t i = 0; i < found[worker].size(); ++i) all[i] |= found[worker][i];
    }
    return all;
}

std::vector<std::uint32_t> bitsToIds(const Bits& bits, ThreadTeam* team) {
    const std::size_t tasks = (bits.size() + kWordsPerTask - 1) / kWordsPerTask;
    const auto partOf = [&](std::size_t task) {
        return std::span(bits).subspan(task * kWordsPerTask, std::min(kWordsPerTask, bits.size() - task * kWordsPerTask));
    };
    std::vector<std::size_t> begin(tasks + 1, 0);
    shareOut(team, tasks, [&](std::size_t task) {
        for (std::uint64_t word : partOf(task)) begin[task + 1] += static_cast<std::size_t>(std::popcount(word));
    });
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    std::vector<std::uint32_t> ids(begin.back());
    shareOut(team, tasks, [&](std::size_t task) {
        std::uint32_t* out = ids.data() + begin[task];
        std::size_t base = task * kWordsPerTask * 64;
        for (std::uint64_t word : partOf(task)) {
            for (; word != 0; word &= word - 1)
                *out++ = static_cast<std::uint32_t>(base + static_cast<std::size_t>(std::countr_zero(word)));
            base += 64;
        }
    });
    return ids;
}

}  // namespace

IdSet idsInside(const PointCloud& cloud, std::span<const std::uint16_t> words, std::uint16_t exclude,
                const ViewTransform& view, const QSize& size, const QPolygonF& polygon, ThreadTeam* team) {
    const PixelGrid grid{size.width(), size.height()};
    const Search search{cloud, words, exclude, view, grid, PolygonMask(polygon, grid)};
    return IdSet::ofSorted(bitsToIds(searchBlocks(search, team), team));
}

}  // namespace driftscope::space
