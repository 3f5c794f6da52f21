#include "core/embed/quality.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "core/embed/neighbor_search.h"
#include "core/embed/panels.h"
#include "core/embed/standardizer.h"
#include "core/embed/workers.h"

namespace driftscope::embed {
namespace {

constexpr std::size_t kRowsPerBlock = 16;

std::vector<std::uint32_t> spacedRows(std::size_t rows, std::size_t sample) {
    if (sample == 0 || sample > rows) sample = rows;
    std::vector<std::uint32_t> out(sample);
    for (std::size_t i = 0; i < sample; ++i) out[i] = static_cast<std::uint32_t>(i * rows / sample);
    return out;
}

Result<Matrix> comparable(const Matrix& data, Metric metric) {
    DS_TRY(requireFinite(data, "The data"));
    if (metric == Metric::Euclidean) return data;
    return unitRows(data);
}

Result<void> requirePair(const Matrix& data, const Matrix& picture, std::size_t k) {
    DS_TRY(requireFinite(picture, "The picture"));
    if (data.rows != picture.rows)
        return fail(ErrorCode::BadInput, fmt::format("The data have {} rows, the picture {}.", data.rows, picture.rows), "Both must describe the same rows.");
    if (k < 1 || 2 * k >= data.rows)
        return fail(ErrorCode::BadInput, fmt::format("Trust in {} neighbours needs more than {} rows; there are {}.", k, 2 * k, data.rows),
                    "Use fewer neighbours.");
    return {};
}

/// Sum over `near` of how many ranks beyond k each lies in the data, seen from `row`. Equal distances rank by row number.
double rankExcess(std::span<const float> distances, std::uint32_t row, std::span<const std::uint32_t> near, std::size_t k) {
    double excess = 0;
    for (const std::uint32_t other : near) {
        const float bound = distances[other];
        std::size_t closer = 0;
        for (std::uint32_t i = 0; i < other; ++i) closer += distances[i] <= bound;
        for (std::uint32_t i = other + 1; i < distances.size(); ++i) closer += distances[i] < bound;
        // The row itself has distance zero and was counted; it has no rank.
        closer -= row < other || distances[row] < bound;
        if (closer >= k) excess += static_cast<double>(closer + 1 - k);
    }
    return excess;
}

}  // namespace

Result<double> trustworthiness(const Matrix& data, const Matrix& picture, std::size_t k, Metric metric, std::size_t sample, Workers& workers,
                               const Monitor& monitor) {
    DS_TRY(requirePair(data, picture, k));
    DS_ASSIGN(const Matrix rows, comparable(data, metric));
    const std::vector<std::uint32_t> asked = spacedRows(rows.rows, sample);
    DS_ASSIGN(const NeighborTable near, exactSearch(picture, asked, k, workers, {monitor.stop, {}}));
    std::vector<std::uint32_t> all(rows.rows);
    std::iota(all.begin(), all.end(), 0u);
    std::vector<double> excess(asked.size());
    std::atomic<std::size_t> done{0};
    workers.forBlocks(asked.size(), kRowsPerBlock, [&](std::size_t begin, std::size_t end) {
        if (monitor.cancelled()) return;
        std::vector<float> distances(rows.rows);
        for (std::size_t i = begin; i < end; ++i) {
            squaredDistances(rows.row(asked[i]).data(), rows, all, distances.data());
            excess[i] = rankExcess(distances, asked[i], near.of(i), k);
        }
        monitor.report(static_cast<double>(done += end - begin), static_cast<double>(asked.size()), "trustworthiness");
    });
    if (monitor.cancelled()) return Monitor::stopped();
    const auto n = static_cast<double>(rows.rows), m = static_cast<double>(asked.size()), neighbours = static_cast<double>(k);
    return 1 - 2 / (m * neighbours * (2 * n - 3 * neighbours - 1)) * std::accumulate(excess.begin(), excess.end(), 0.0);
}

Result<double> pictureRecall(const Matrix& data, const Matrix& picture, std::size_t k, Metric metric, std::size_t sample, Workers& workers,
                             const Monitor& monitor) {
    DS_TRY(requirePair(data, picture, k));
    DS_ASSIGN(const Matrix rows, comparable(data, metric));
    const std::vector<std::uint32_t> asked = spacedRows(rows.rows, sample);
    DS_ASSIGN(const NeighborTable truth, exactSearch(rows, asked, k, workers, {monitor.stop, {}}));
    DS_ASSIGN(const NeighborTable shown, exactSearch(picture, asked, k, workers, {monitor.stop, {}}));
    return neighborRecall(truth, shown);
}

Result<double> silhouette(const Matrix& features, std::span<const std::int32_t> classes, std::size_t sample, Workers& workers) {
    std::map<std::int32_t, double> sizes;
    std::vector<std::uint32_t> labelled;
    for (std::size_t row = 0; row < classes.size(); ++row)
        if (classes[row] >= 0) {
            ++sizes[classes[row]];
            labelled.push_back(static_cast<std::uint32_t>(row));
        }
    if (sizes.size() < 2) return fail(ErrorCode::BadInput, "A silhouette needs at least two classes.", "Label rows of another class.");
    const std::vector<std::uint32_t> asked = spacedRows(labelled.size(), sample);
    std::vector<double> values(asked.size());
    workers.forBlocks(asked.size(), kRowsPerBlock, [&](std::size_t begin, std::size_t end) {
        std::vector<float> distances(labelled.size());
        for (std::size_t i = begin; i < end; ++i) {
            const std::uint32_t row = labelled[asked[i]];
            squaredDistances(features.row(row).data(), features, labelled, distances.data());
            std::map<std::int32_t, double> sums;
            for (std::size_t j = 0; j < labelled.size(); ++j) sums[classes[labelled[j]]] += std::sqrt(static_cast<double>(distances[j]));
            const double own = sizes.at(classes[row]);
            if (own < 2) continue;  // a class of one scores 0
            const double inside = sums[classes[row]] / (own - 1);
            double outside = std::numeric_limits<double>::infinity();
            for (const auto& [label, sum] : sums)
                if (label != classes[row]) outside = std::min(outside, sum / sizes.at(label));
            const double larger = std::max(inside, outside);
            values[i] = larger > 0 ? (outside - inside) / larger : 0.0;
        }
    });
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace driftscope::embed
