#include <algorithm>
#include <cmath>


#include "core/embed/neighbor_search.h"
#include "core/embed/panels.h"
#include "core/embed/phate.h"
#include "core/embed/workers.h"

namespace driftscope::embed {
namespace {

constexpr double kSmallest = 1e-4;  // of the kernel, as graphtools
constexpr std::size_t kGrain = 64;

struct Entry {
    std::uint32_t row;
    double weight;
};

/// exp(-(d / width)^decay) of one row's neighbours; a width of 0 (copies of one row) makes all copies full neighbours.
double kernelValue(double distance, double width, double decay) {
    if (distance <= 0) return 1;
    return width > 0 ? std::exp(-std::pow(distance / width, decay)) : 0;
}

class DirectedKernel {
  public:
    DirectedKernel(const Matrix& rows, const NeighborTable& near, const PhateOptions& options) : rows_(rows), near_(near), options_(options) {
        reach_ = std::pow(-std::log(kSmallest), 1 / options.decay);
    }

    std::vector<Entry> of(std::uint32_t row) const {
        const double width = near_.distancesOf(row)[options_.neighbors - 1];
        std::vector<Entry> out;
        // The table may end before the kernel does: then every row is looked at.
        if (near_.distancesOf(row).back() <= width * reach_ && near_.k + 1 < near_.rows) return ofAll(row, width);
        for (std::size_t i = 0; i < near_.k; ++i)
            if (const double value = kernelValue(near_.distancesOf(row)[i], width, options_.decay); value >= kSmallest) out.push_back({near_.of(row)[i], value});
        return out;
    }

  private:
    std::vector<Entry> ofAll(std::uint32_t row, double width) const {
        std::vector<Entry> out;
        for (std::uint32_t other = 0; other < rows_.rows; ++other) {
            if (other == row) continue;
            double sum = 0;
            for (std::size_t c = 0; c < rows_.columns; ++c) {
                const double d = static_cast<double>(rows_(row, c)) - rows_(other, c);
                sum += d * d;
            }
            // Between unit vectors the cosine distance is half of the squared one.
            const double distance = options_.metric == Metric::Cosine ? sum / 2 : std::sqrt(sum);
            if (const double value = kernelValue(distance, width, options_.decay); value >= kSmallest) out.push_back({other, value});
        }
        return out;
    }

    const Matrix& rows_;
    const NeighborTable& near_;
    const PhateOptions& options_;
    double reach_;
};

SparseKernel symmetric(const std::vector<std::vector<Entry>>& directed) {
    std::vector<std::vector<Entry>> both(directed.size());
    for (std::uint32_t row = 0; row < directed.size(); ++row) {
        both[row].push_back({row, 1});
        for (const Entry& entry : directed[row]) {
            both[row].push_back({entry.row, entry.weight / 2});
            both[entry.row].push_back({row, entry.weight / 2});
        }
    }
    SparseKernel out{{0}, {}, {}};
    for (std::vector<Entry>& row : both) {
        std::ranges::stable_sort(row, {}, &Entry::row);
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0 && row[i].row == row[i - 1].row) {
                out.weights.back() += row[i].weight;
                continue;
            }
            out.targets.push_back(row[i].row);
            out.weights.push_back(row[i].weight);
        }
        out.starts.push_back(out.targets.size());
    }
    return out;
}

}  // namespace

Result<SparseKernel> alphaDecayKernel(const Matrix& features, const PhateOptions& options, Workers& workers, const Monitor& monitor) {
    if (options.neighbors < 1 || features.rows <= options.neighbors)
        return fail(ErrorCode::BadInput, fmt::format("PHATE with {} neighbours needs more than {} rows; there are {}.", options.neighbors, options.neighbors, features.rows),
                    "Use fewer neighbours, or embed more cells.");
    NeighborOptions search;
    search.k = std::min(features.rows - 1, std::max<std::size_t>(8 * options.neighbors, 40));
    search.metric = options.metric;
    DS_ASSIGN(const NeighborTable near, findNeighbors(features, search, workers, monitor));
    Matrix rows = features;
    if (options.metric == Metric::Cosine) {
        DS_ASSIGN(rows, unitRows(features));
    }
    const DirectedKernel kernel(rows, near, options);
    std::vector<std::vector<Entry>> directed(features.rows);
    workers.forBlocks(features.rows, kGrain, [&](std::size_t begin, std::size_t end) {
        if (monitor.cancelled()) return;
        for (std::size_t row = begin; row < end; ++row) directed[row] = kernel.of(static_cast<std::uint32_t>(row));
    });
    if (monitor.cancelled()) return Monitor::stopped();
    return symmetric(directed);
}

}  // namespace driftscope::embed
