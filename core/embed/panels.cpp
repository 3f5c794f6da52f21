#include "core/embed/panels.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/embed/lanes.h"

namespace driftscope::embed {
namespace {

constexpr std::size_t kTileRows = 6;       // 6 x 2 accumulators of 8 lanes fill the 16 vector registers of AVX2
constexpr std::size_t kFewFeatures = 8;    // for pictures: differences cost little and lose no digits to cancellation
constexpr std::size_t kPanelsPerPass = 32;  // 128 KB of 64 features stay in the second-level cache

/// out[r * 16 + j] = |query r - panel row j|^2 for R queries.
template <std::size_t R>
DS_ALWAYS_INLINE void tile(const NearestLists& lists, std::size_t first, const Panels& panels, std::size_t panel, float* out) {
    Lanes sums[R][2] = {};
    const float* values = panels.values(panel);
    const std::size_t features = panels.features();
    const float* queries = lists.query(first);
    for (std::size_t c = 0; c < features; ++c) {
        const Lanes low = loadLanes(values + c * Panels::kWidth), high = loadLanes(values + c * Panels::kWidth + 8);
        for (std::size_t r = 0; r < R; ++r) {
            const float q = queries[r * features + c];
            sums[r][0] += low * q;
            sums[r][1] += high * q;
        }
    }
    const Lanes low = loadLanes(panels.squares(panel)), high = loadLanes(panels.squares(panel) + 8);
    for (std::size_t r = 0; r < R; ++r) {
        const float square = lists.square(first + r);
        storeLanes(out + r * Panels::kWidth, low + square - 2.0f * sums[r][0]);
        storeLanes(out + r * Panels::kWidth + 8, high + square - 2.0f * sums[r][1]);
    }
}

/// The same by differences; the slots of a panel that is not full stay infinitely far.
DS_ALWAYS_INLINE void directTile(std::size_t rows, const NearestLists& lists, std::size_t first, const Panels& panels, std::size_t panel, float* out) {
    const std::size_t features = panels.features();
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t half = 0; half < Panels::kWidth; half += 8) {
            Lanes sum = {};
            for (std::size_t c = 0; c < features; ++c) {
                const Lanes d = loadLanes(panels.values(panel) + c * Panels::kWidth + half) - lists.query(first)[r * features + c];
                sum += d * d;
            }
            const Lanes squares = loadLanes(panels.squares(panel) + half);
            storeLanes(out + r * Panels::kWidth + half, squares > 3e38f ? squares : sum);
        }
}

DS_ALWAYS_INLINE void tileOf(std::size_t rows, const NearestLists& lists, std::size_t first, const Panels& panels, std::size_t panel, float* out) {
    if (panels.features() <= kFewFeatures) return directTile(rows, lists, first, panels, panel, out);
    if (rows == kTileRows) return tile<kTileRows>(lists, first, panels, panel, out);
    for (std::size_t r = 0; r < rows; ++r) tile<1>(lists, first + r, panels, panel, out + r * Panels::kWidth);
}

DS_TARGET_AVX2 void tileAvx2(std::size_t rows, const NearestLists& lists, std::size_t first, const Panels& panels, std::size_t panel, float* out) {
    tileOf(rows, lists, first, panels, panel, out);
}
void tileBase(std::size_t rows, const NearestLists& lists, std::size_t first, const Panels& panels, std::size_t panel, float* out) {
    tileOf(rows, lists, first, panels, panel, out);
}

DS_ALWAYS_INLINE float squaredDistance(const float* a, const float* b, std::size_t count) {
    Lanes sum = {};
    std::size_t c = 0;
    for (; c + 8 <= count; c += 8) {
        const Lanes d = loadLanes(a + c) - loadLanes(b + c);
        sum += d * d;
    }
    float total = ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
    for (; c < count; ++c) total += (a[c] - b[c]) * (a[c] - b[c]);
    return total;
}
DS_TARGET_AVX2 void distancesAvx2(const float* row, const Matrix& rows, std::span<const std::uint32_t> ids, float* out) {
    for (std::size_t i = 0; i < ids.size(); ++i) out[i] = squaredDistance(row, rows.values.data() + ids[i] * rows.columns, rows.columns);
}
void distancesBase(const float* row, const Matrix& rows, std::span<const std::uint32_t> ids, float* out) {
    for (std::size_t i = 0; i < ids.size(); ++i) out[i] = squaredDistance(row, rows.values.data() + ids[i] * rows.columns, rows.columns);
}

float squaredLength(const float* row, std::size_t count) {
    double sum = 0;
    for (std::size_t c = 0; c < count; ++c) sum += static_cast<double>(row[c]) * row[c];
    return static_cast<float>(sum);
}

}  // namespace

Panels::Panels(const Matrix& rows, const std::vector<std::vector<std::uint32_t>>& groups) : features_(rows.columns) {
    starts_.push_back(0);
    for (const auto& group : groups) starts_.push_back(starts_.back() + (group.size() + kWidth - 1) / kWidth);
    const std::size_t panels = starts_.back();
    values_.resize(panels * features_ * kWidth);
    squares_.assign(panels * kWidth, std::numeric_limits<float>::infinity());
    ids_.assign(panels * kWidth, kNone);
    for (std::size_t g = 0; g < groups.size(); ++g)
        for (std::size_t i = 0; i < groups[g].size(); ++i) {
            const std::size_t panel = starts_[g] + i / kWidth, lane = i % kWidth;
            const float* row = rows.values.data() + groups[g][i] * features_;
            for (std::size_t c = 0; c < features_; ++c) values_[(panel * features_ + c) * kWidth + lane] = row[c];
            squares_[panel * kWidth + lane] = squaredLength(row, features_);
            ids_[panel * kWidth + lane] = groups[g][i];
        }
}

NearestLists::NearestLists(const Matrix& rows, std::span<const std::uint32_t> queries, std::size_t capacity, bool sameRows)
    : features_(rows.columns),
      capacity_(capacity),
      values_(queries.size() * rows.columns),
      self_(queries.begin(), queries.end()),
      distances_(queries.size() * capacity, std::numeric_limits<float>::infinity()),
      ids_(queries.size() * capacity, Panels::kNone) {
    for (std::size_t i = 0; i < queries.size(); ++i) {
        const auto row = rows.row(queries[i]);
        std::copy(row.begin(), row.end(), values_.begin() + static_cast<std::ptrdiff_t>(i * features_));
        squares_.push_back(squaredLength(row.data(), features_));
    }
    if (!sameRows) std::fill(self_.begin(), self_.end(), Panels::kNone);
}

void NearestLists::offer(const Panels& panels, std::size_t begin, std::size_t end) {
    static const auto compute = hasAvx2() ? tileAvx2 : tileBase;
    float distances[kTileRows * Panels::kWidth];
    for (std::size_t pass = begin; pass < end; pass += kPanelsPerPass)
        for (std::size_t first = 0; first < queries(); first += kTileRows) {
            const std::size_t rows = std::min(kTileRows, queries() - first);
            for (std::size_t panel = pass; panel < std::min(pass + kPanelsPerPass, end); ++panel) {
                compute(rows, *this, first, panels, panel, distances);
                keep(first, rows, distances, panels.ids(panel));
            }
        }
}

void NearestLists::keep(std::size_t first, std::size_t rows, const float* distances, const std::uint32_t* candidates) {
    for (std::size_t r = 0; r < rows; ++r) {
        const float* tileRow = distances + r * Panels::kWidth;
        const float bound = worst(first + r);
        int any = 0;
        for (std::size_t j = 0; j < Panels::kWidth; ++j) any |= tileRow[j] < bound;
        if (!any) continue;
        for (std::size_t j = 0; j < Panels::kWidth; ++j)
            if (tileRow[j] < worst(first + r) && candidates[j] != self_[first + r]) replaceWorst(first + r, tileRow[j], candidates[j]);
    }
}

void NearestLists::replaceWorst(std::size_t query, float distance, std::uint32_t id) {
    float* heap = distances_.data() + query * capacity_;
    std::uint32_t* names = ids_.data() + query * capacity_;
    std::size_t hole = 0;
    while (true) {
        std::size_t child = 2 * hole + 1;
        if (child >= capacity_) break;
        if (child + 1 < capacity_ && heap[child + 1] > heap[child]) ++child;
        if (heap[child] <= distance) break;
        heap[hole] = heap[child];
        names[hole] = names[child];
        hole = child;
    }
    heap[hole] = distance;
    names[hole] = id;
}

void squaredDistances(const float* row, const Matrix& rows, std::span<const std::uint32_t> ids, float* out) {
    static const auto compute = hasAvx2() ? distancesAvx2 : distancesBase;
    compute(row, rows, ids, out);
}

}  // namespace driftscope::embed
