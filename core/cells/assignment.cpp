#include "core/cells/assignment.h"

#include <algorithm>
#include <limits>
#include <queue>

namespace driftscope::cells {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Rows are inserted one by one; potentials keep all reduced costs non-negative. Every row also has a private column of
/// cost 0 (relative to the cutoff) that stands for "alone", so an augmenting path always exists.
class Matcher {
  public:
    Matcher(std::size_t rows, std::size_t columns, std::span<const AssignmentEdge> edges, double cutoff)
        : columns_(columns),
          first_(rows + 1, 0),
          columnPotential_(columns + rows, 0.0),
          rowPotential_(rows, 0.0),
          rowOf_(columns + rows, kUnassigned),
          columnOf_(rows, kUnassigned),
          distance_(columns + rows, kInfinity),
          from_(columns + rows, kUnassigned) {
        build(rows, edges, cutoff);
    }

    std::vector<std::uint32_t> run() {
        for (std::uint32_t row = 0; row < columnOf_.size(); ++row) insert(row);
        for (std::uint32_t& column : columnOf_)
            if (column >= columns_) column = kUnassigned;
        return columnOf_;
    }

  private:
    struct Arc {
        std::uint32_t column;
        double cost;
    };

    void build(std::size_t rows, std::span<const AssignmentEdge> edges, double cutoff) {
        for (const AssignmentEdge& edge : edges)
            if (edge.cost < cutoff) ++first_[edge.row + 1];
        for (std::size_t row = 0; row < rows; ++row) first_[row + 1] += first_[row] + 1;
        arcs_.resize(first_[rows]);
        std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
        for (const AssignmentEdge& edge : edges)
            if (edge.cost < cutoff) arcs_[next[edge.row]++] = {edge.column, edge.cost - cutoff};
        for (std::size_t row = 0; row < rows; ++row) {
            arcs_[next[row]] = {static_cast<std::uint32_t>(columns_ + row), 0.0};
            rowPotential_[row] = 0;
            for (std::size_t i = first_[row]; i < first_[row + 1]; ++i)
                rowPotential_[row] = std::min(rowPotential_[row], arcs_[i].cost);
        }
    }

    void relax(std::uint32_t row, double base) {
        for (std::size_t i = first_[row]; i < first_[row + 1]; ++i) {
            const Arc& arc = arcs_[i];
            const double reached = base + arc.cost - rowPotential_[row] - columnPotential_[arc.column];
            if (reached >= distance_[arc.column]) continue;
            if (distance_[arc.column] == kInfinity) touched_.push_back(arc.column);
            distance_[arc.column] = reached;
            from_[arc.column] = row;
            queue_.push({reached, arc.column});
        }
    }

    /// Dijkstra from `row` to the nearest free column, then flips the path.
    void insert(std::uint32_t row) {
        queue_ = {};
        relax(row, 0);
        std::vector<std::uint32_t> settled;
        std::uint32_t column = kUnassigned;
        while (true) {
            const auto [distance, candidate] = queue_.top();
            queue_.pop();
            if (distance > distance_[candidate]) continue;
            column = candidate;
            if (rowOf_[column] == kUnassigned) break;
            settled.push_back(column);
            relax(rowOf_[column], distance);
        }
        const double shortest = distance_[column];
        rowPotential_[row] += shortest;
        for (const std::uint32_t passed : settled) {
            rowPotential_[rowOf_[passed]] += shortest - distance_[passed];
            columnPotential_[passed] -= shortest - distance_[passed];
        }
        while (column != kUnassigned) {
            const std::uint32_t owner = from_[column];
            rowOf_[column] = owner;
            std::swap(columnOf_[owner], column);
        }
        for (const std::uint32_t reset : touched_) distance_[reset] = kInfinity;
        touched_.clear();
    }

    using Entry = std::pair<double, std::uint32_t>;
    std::size_t columns_;
    std::vector<std::size_t> first_;
    std::vector<Arc> arcs_;
    std::vector<double> columnPotential_, rowPotential_;
    std::vector<std::uint32_t> rowOf_, columnOf_;
    std::vector<double> distance_;
    std::vector<std::uint32_t> from_, touched_;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
};

}  // namespace

std::vector<std::uint32_t> assign(std::size_t rows, std::size_t columns, std::span<const AssignmentEdge> edges,
                                  double cutoff) {
    return Matcher(rows, columns, edges, cutoff).run();
}

}  // namespace driftscope::cells
