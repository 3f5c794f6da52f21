#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/table/embedding_table.h"

namespace driftscope::embed {

/// Rows of a matrix packed for fast squared distances: groups of rows, each cut into panels of 16 rows stored transposed,
/// so that one pass over the features gives the distances of a few queries to 16 rows at once.
class Panels {
  public:
    static constexpr std::size_t kWidth = 16;
    static constexpr std::uint32_t kNone = 0xFFFFFFFFu;

    /// Packs each group (row numbers of `rows`) into whole panels.
    Panels(const Matrix& rows, const std::vector<std::vector<std::uint32_t>>& groups);

    std::size_t features() const { return features_; }
    std::size_t count() const { return squares_.size() / kWidth; }
    /// First panel of a group; firstPanel(groups) is the end.
    std::size_t firstPanel(std::size_t group) const { return starts_[group]; }
    const float* values(std::size_t panel) const { return values_.data() + panel * features_ * kWidth; }
    const float* squares(std::size_t panel) const { return squares_.data() + panel * kWidth; }
    const std::uint32_t* ids(std::size_t panel) const { return ids_.data() + panel * kWidth; }

  private:
    std::size_t features_;
    std::vector<std::size_t> starts_;
    std::vector<float> values_;
    std::vector<float> squares_;     ///< squared lengths; infinite where a panel is not full
    std::vector<std::uint32_t> ids_;
};

/// The `capacity` nearest candidates of each of several queries, found by expanding |q - c|^2 = q.q + c.c - 2 q.c.
class NearestLists {
  public:
    /// `sameRows`: the panels hold the same numbering as `queries`, and a row is never its own candidate.
    NearestLists(const Matrix& rows, std::span<const std::uint32_t> queries, std::size_t capacity, bool sameRows = true);

    /// Offers every row of panels [begin, end) to every query.
    void offer(const Panels& panels, std::size_t begin, std::size_t end);

    std::size_t queries() const { return self_.size(); }
    std::size_t capacity() const { return capacity_; }
    /// The kept candidates of one query, in no order; Panels::kNone where there were fewer.
    std::span<const std::uint32_t> ids(std::size_t query) const { return {ids_.data() + query * capacity_, capacity_}; }

    /// One tile of distances was computed for queries [first, first + rows); keeps those below the lists' worst.
    void keep(std::size_t first, std::size_t rows, const float* distances, const std::uint32_t* candidates);
    const float* query(std::size_t index) const { return values_.data() + index * features_; }
    float square(std::size_t index) const { return squares_[index]; }
    float worst(std::size_t index) const { return distances_[index * capacity_]; }

  private:
    void replaceWorst(std::size_t query, float distance, std::uint32_t id);

    std::size_t features_;
    std::size_t capacity_;
    std::vector<float> values_;
    std::vector<float> squares_;
    std::vector<std::uint32_t> self_;
    std::vector<float> distances_;  ///< one max-heap per query
    std::vector<std::uint32_t> ids_;
};

/// out[i] = |row - rows[ids[i]]|^2 by differences, exact to float32 rounding.
void squaredDistances(const float* row, const Matrix& rows, std::span<const std::uint32_t> ids, float* out);

}  // namespace driftscope::embed
