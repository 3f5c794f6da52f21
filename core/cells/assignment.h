#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace driftscope::cells {

/// A possible pair and what it costs.
struct AssignmentEdge {
    std::uint32_t row = 0;
    std::uint32_t column = 0;
    double cost = 0;
};

constexpr std::uint32_t kUnassigned = 0xFFFFFFFF;

/// The matching of rows to columns with the least total cost, where a row or column may stay alone: a pair is worth
/// making when it costs less than `cutoff`. Exact (shortest augmenting paths on the sparse graph, Jonker and Volgenant
/// 1987), deterministic. Returns the column of each row, or kUnassigned. Of several edges for one pair the cheapest
/// counts.
std::vector<std::uint32_t> assign(std::size_t rows, std::size_t columns, std::span<const AssignmentEdge> edges,
                                  double cutoff);

}  // namespace driftscope::cells
