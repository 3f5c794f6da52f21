#pragma once

#include <cstdint>
#include <vector>

#include "core/table/embedding_table.h"

namespace driftscope::topics {

constexpr std::uint32_t kUnmatched = 0xFFFFFFFF;

/// Costs of all pairs, row-major doubles.
struct CostMatrix {
    std::size_t rows = 0, columns = 0;
    std::vector<double> values;

    CostMatrix() = default;
    CostMatrix(std::size_t r, std::size_t c) : rows(r), columns(c), values(r * c, 0.0) {}
    double operator()(std::size_t r, std::size_t c) const { return values[r * columns + c]; }
    double& operator()(std::size_t r, std::size_t c) { return values[r * columns + c]; }
};

/// A one-to-one matching of rows to columns, of the smaller side to the larger.
struct Matching {
    std::vector<std::uint32_t> columnOf;  ///< of each row, or kUnmatched
    double total = 0;                     ///< sum of the matched costs
};

/// The matching with the least total cost (shortest augmenting paths with potentials: Jonker and Volgenant 1987), O(n^3).
/// The total is unique; among matchings of equal total the choice is deterministic but means nothing.
/// Costs must be finite.
Matching leastMatching(const CostMatrix& costs);

}  // namespace driftscope::topics
