#include "core/topics/measure/matching.h"

#include <limits>

namespace driftscope::topics {
namespace {

/// For matrices with no more rows than columns. Index 0 of columns stands for "not yet in the matching".
class Augmenter {
  public:
    explicit Augmenter(const CostMatrix& costs)
        : costs_(costs), rowPotential_(costs.rows + 1, 0), columnPotential_(costs.columns + 1, 0), rowOf_(costs.columns + 1, 0), before_(costs.columns + 1, 0) {
        for (std::size_t row = 1; row <= costs.rows; ++row) insert(row);
    }
    /// The row matched to a column, or kUnmatched.
    std::uint32_t rowOf(std::size_t column) const { return rowOf_[column + 1] == 0 ? kUnmatched : static_cast<std::uint32_t>(rowOf_[column + 1] - 1); }

  private:
    void insert(std::size_t row) {
        constexpr double kInfinity = std::numeric_limits<double>::infinity();
        std::vector<double> distance(costs_.columns + 1, kInfinity);
        std::vector<bool> settled(costs_.columns + 1, false);
        rowOf_[0] = row;
        std::size_t column = 0;
        while (rowOf_[column] != 0) {
            settled[column] = true;
            const std::size_t owner = rowOf_[column];
            double least = kInfinity;
            std::size_t next = 0;
            for (std::size_t j = 1; j <= costs_.columns; ++j) {
                if (settled[j]) continue;
                const double reduced = costs_(owner - 1, j - 1) - rowPotential_[owner] - columnPotential_[j];
                if (reduced < distance[j]) {
                    distance[j] = reduced;
                    before_[j] = column;
                }
                if (distance[j] < least) {
                    least = distance[j];
                    next = j;
                }
            }
            for (std::size_t j = 0; j <= costs_.columns; ++j) {
                if (settled[j]) {
                    rowPotential_[rowOf_[j]] += least;
                    columnPotential_[j] -= least;
                } else {
                    distance[j] -= least;
                }
            }
            column = next;
        }
        while (column != 0) {
            rowOf_[column] = rowOf_[before_[column]];
            column = before_[column];
        }
    }

    const CostMatrix& costs_;
    std::vector<double> rowPotential_, columnPotential_;
    std::vector<std::size_t> rowOf_, before_;
};

CostMatrix transposed(const CostMatrix& costs) {
    CostMatrix turned(costs.columns, costs.rows);
    for (std::size_t r = 0; r < costs.rows; ++r)
        for (std::size_t c = 0; c < costs.columns; ++c) turned(c, r) = costs(r, c);
    return turned;
}

}  // namespace

Matching leastMatching(const CostMatrix& costs) {
    Matching matching;
    matching.columnOf.assign(costs.rows, kUnmatched);
    if (costs.rows <= costs.columns) {
        const Augmenter solved(costs);
        for (std::size_t c = 0; c < costs.columns; ++c)
            if (solved.rowOf(c) != kUnmatched) matching.columnOf[solved.rowOf(c)] = static_cast<std::uint32_t>(c);
    } else {
        const CostMatrix turned = transposed(costs);
        const Augmenter solved(turned);
        for (std::size_t r = 0; r < costs.rows; ++r) matching.columnOf[r] = solved.rowOf(r);
    }
    for (std::size_t r = 0; r < costs.rows; ++r)
        if (matching.columnOf[r] != kUnmatched) matching.total += costs(r, matching.columnOf[r]);
    return matching;
}

}  // namespace driftscope::topics
