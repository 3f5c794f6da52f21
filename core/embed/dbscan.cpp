#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/embed/cluster.h"
#include "core/embed/neighbor_search.h"
#include "core/embed/standardizer.h"
#include "core/embed/workers.h"

namespace driftscope::embed {
namespace {

constexpr std::size_t kGrain = 64;

/// Rows in order of the coordinate that varies most: neighbours within eps are near each other in that order.
class SortedRows {
  public:
    SortedRows(const Matrix& rows, double bound) : rows_(rows), bound_(bound), reach_(std::sqrt(bound) * (1 + 1e-12)), order_(rows.rows) {
        widest_ = 0;
        double best = -1;
        for (std::size_t c = 0; c < rows.columns; ++c) {
            double sum = 0, square = 0;
            for (std::size_t r = 0; r < rows.rows; ++r) {
                sum += rows(r, c);
                square += static_cast<double>(rows(r, c)) * rows(r, c);
            }
            const double variance = square - sum * sum / static_cast<double>(rows.rows);
            if (variance > best) {
                best = variance;
                widest_ = c;
            }
        }
        std::iota(order_.begin(), order_.end(), 0u);
        std::ranges::stable_sort(order_, [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
    }

    const std::vector<std::uint32_t>& order() const { return order_; }

    /// Calls visit(other) for every row within eps of `row`, itself included; stops when it returns false.
    template <class Visit>
    void near(std::uint32_t row, const Visit& visit) const {
        const double low = key(row) - reach_, high = key(row) + reach_;
        auto at = std::lower_bound(order_.begin(), order_.end(), low, [&](std::uint32_t r, double value) { return key(r) < value; });
        for (; at != order_.end() && key(*at) <= high; ++at)
            if (!visit(*at)) return;
    }
    bool within(std::uint32_t a, std::uint32_t b) const {
        const auto x = rows_.row(a), y = rows_.row(b);
        double sum = 0;
        for (std::size_t c = 0; c < x.size(); ++c) {
            const double d = static_cast<double>(x[c]) - y[c];
            sum += d * d;
        }
        return sum <= bound_;
    }

  private:
    double key(std::uint32_t row) const { return rows_(row, widest_); }

    const Matrix& rows_;
    double bound_;
    double reach_;
    std::size_t widest_ = 0;
    std::vector<std::uint32_t> order_;
};

/// Disjoint sets; the representative of a set is its smallest member.
class Sets {
  public:
    explicit Sets(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), 0u); }
    std::uint32_t find(std::uint32_t i) {
        while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
        return i;
    }
    void unite(std::uint32_t a, std::uint32_t b) {
        a = find(a);
        b = find(b);
        if (a != b) parent_[std::max(a, b)] = std::min(a, b);
    }

  private:
    std::vector<std::uint32_t> parent_;
};

std::vector<std::uint8_t> findCores(const SortedRows& sorted, std::size_t count, std::size_t minPoints, Workers& workers) {
    std::vector<std::uint8_t> core(count);
    workers.forBlocks(count, kGrain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t row = begin; row < end; ++row) {
            std::size_t found = 0;
            sorted.near(static_cast<std::uint32_t>(row), [&](std::uint32_t other) {
                found += sorted.within(static_cast<std::uint32_t>(row), other);
                return found < minPoints;
            });
            core[row] = found >= minPoints;
        }
    });
    return core;
}

}  // namespace

Result<Clustering> dbscan(const Matrix& features, const DbscanOptions& options, Workers& workers, const Monitor& monitor) {
    DS_TRY(requireFinite(features, "The features"));
    if (!(options.eps > 0)) return fail(ErrorCode::BadInput, fmt::format("eps is {}.", options.eps), "It is a distance and must be positive.");
    Matrix unit;
    if (options.metric == Metric::Cosine) {
        DS_ASSIGN(unit, unitRows(features));
    }
    const bool cosine = options.metric == Metric::Cosine;
    // Between unit vectors the squared distance is twice the cosine distance.
    const SortedRows sorted(cosine ? unit : features, cosine ? 2 * options.eps : options.eps * options.eps);
    const std::size_t count = features.rows;
    monitor.report(0, 3, "cores");
    const std::vector<std::uint8_t> core = findCores(sorted, count, options.minPoints, workers);
    monitor.report(1, 3, "clusters");
    Sets sets(count);
    for (std::uint32_t row = 0; row < count; ++row) {
        if (row % 1024 == 0 && monitor.cancelled()) return Monitor::stopped();
        if (!core[row]) continue;
        sorted.near(row, [&](std::uint32_t other) {
            if (core[other] && other < row && sets.find(other) != sets.find(row) && sorted.within(row, other)) sets.unite(row, other);
            return true;
        });
    }
    monitor.report(2, 3, "border");
    std::vector<std::int32_t> cluster(count, -1);
    for (std::uint32_t row = 0; row < count; ++row)
        if (core[row]) cluster[row] = static_cast<std::int32_t>(sets.find(row));
    const std::vector<std::int32_t> ofCores = cluster;
    workers.forBlocks(count, kGrain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t row = begin; row < end; ++row) {
            if (core[row]) continue;
            sorted.near(static_cast<std::uint32_t>(row), [&](std::uint32_t other) {
                const std::int32_t one = ofCores[other];
                if (one >= 0 && (cluster[row] < 0 || one < cluster[row]) && sorted.within(static_cast<std::uint32_t>(row), other)) cluster[row] = one;
                return true;
            });
        }
    });
    if (monitor.cancelled()) return Monitor::stopped();
    monitor.report(3, 3, "border");
    return numberBySize(cluster);
}

double medianDistance(const NeighborTable& table, std::size_t k) {
    std::vector<float> distances;
    for (std::size_t row = 0; row < table.rows; ++row) distances.push_back(table.distancesOf(row)[std::min(k, table.k) - 1]);
    if (distances.empty()) return 0;
    const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
    std::nth_element(distances.begin(), middle, distances.end());
    return *middle;
}

}  // namespace driftscope::embed
