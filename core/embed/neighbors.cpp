#include "core/embed/neighbors.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/embed/neighbor_search.h"
#include "core/embed/panels.h"
#include "core/embed/standardizer.h"

namespace driftscope::embed {
namespace {

constexpr std::size_t kExactRows = 6'000;   // below this the exact search is the faster one
constexpr std::size_t kSlack = 8;           // extra candidates kept against the rounding of the expanded distance
constexpr std::size_t kQueryBlock = 96;
constexpr std::size_t kSampleRows = 256;

/// Distances are those of the original rows; a small norm keeps the expanded form accurate.
Matrix centred(const Matrix& features) {
    const std::vector<double> mean = Standardizer::fit(features).mean;
    Matrix out = features;
    for (std::size_t row = 0; row < out.rows; ++row)
        for (std::size_t c = 0; c < out.columns; ++c) out(row, c) = static_cast<float>(out(row, c) - mean[c]);
    return out;
}

/// Squared distances are float32: longer rows would overflow them.
Result<void> requireSquarable(const Matrix& rows) {
    for (std::size_t row = 0; row < rows.rows; ++row) {
        double square = 0;
        for (const float v : rows.row(row)) square += static_cast<double>(v) * v;
        if (square > 1e37)
            return fail(ErrorCode::Numeric, fmt::format("Row {} has length {:.3g}, too large for distances.", row, std::sqrt(square)),
                        "Standardise the features, or remove this row.");
    }
    return {};
}

}  // namespace

std::string_view name(Metric metric) {
    return metric == Metric::Cosine ? "cosine" : "euclidean";
}

std::string_view name(NeighborMethod method) {
    switch (method) {
        case NeighborMethod::Auto: return "auto";
        case NeighborMethod::Exact: return "exact";
        case NeighborMethod::Partition: return "partition";
        default: return "hnsw";
    }
}

Result<Matrix> unitRows(const Matrix& features) {
    Matrix out = features;
    for (std::size_t row = 0; row < out.rows; ++row) {
        double square = 0;
        for (const float v : out.row(row)) square += static_cast<double>(v) * v;
        if (square == 0)
            return fail(ErrorCode::BadInput, fmt::format("Row {} is all zeros; it has no cosine distance.", row), "Remove it, or use the Euclidean metric.");
        const double scale = 1 / std::sqrt(square);
        for (float& v : out.row(row)) v = static_cast<float>(v * scale);
    }
    return out;
}

void keepNearest(const Matrix& rows, std::uint32_t query, std::vector<std::uint32_t>& candidates, std::span<std::uint32_t> indices,
                 std::span<float> squared) {
    std::vector<float> distances(candidates.size());
    squaredDistances(rows.row(query).data(), rows, candidates, distances.data());
    std::vector<std::pair<float, std::uint32_t>> order(candidates.size());
    for (std::size_t i = 0; i < candidates.size(); ++i) order[i] = {distances[i], candidates[i]};
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(indices.size()), order.end());
    for (std::size_t i = 0; i < indices.size(); ++i) {
        squared[i] = order[i].first;
        indices[i] = order[i].second;
    }
}

Result<NeighborTable> exactSearch(const Matrix& rows, std::span<const std::uint32_t> queries, std::size_t k, Workers& workers,
                                  const Monitor& monitor) {
    std::vector<std::uint32_t> all(rows.rows);
    std::iota(all.begin(), all.end(), 0u);
    const Panels panels(rows, {all});
    NeighborTable out{queries.size(), k, std::vector<std::uint32_t>(queries.size() * k), std::vector<float>(queries.size() * k)};
    const std::size_t capacity = std::min(k + kSlack, rows.rows - 1);
    std::atomic<std::size_t> done{0};
    workers.forBlocks(queries.size(), kQueryBlock, [&](std::size_t begin, std::size_t end) {
        if (monitor.cancelled()) return;
        NearestLists lists(rows, queries.subspan(begin, end - begin), capacity);
        lists.offer(panels, 0, panels.count());
        for (std::size_t q = begin; q < end; ++q) {
            std::vector<std::uint32_t> candidates(lists.ids(q - begin).begin(), lists.ids(q - begin).end());
            keepNearest(rows, queries[q], candidates, std::span(out.indices).subspan(q * k, k), std::span(out.distances).subspan(q * k, k));
        }
        monitor.report(static_cast<double>(done += end - begin), static_cast<double>(queries.size()), "neighbours");
    });
    if (monitor.cancelled()) return Monitor::stopped();
    return out;
}

Result<double> sampledRecall(const Matrix& rows, const NeighborTable& found, Workers& workers, const Monitor& monitor) {
    const std::size_t count = std::min(kSampleRows, rows.rows);
    std::vector<std::uint32_t> sample(count);
    for (std::size_t i = 0; i < count; ++i) sample[i] = static_cast<std::uint32_t>(i * rows.rows / count);
    DS_ASSIGN(const NeighborTable truth, exactSearch(rows, sample, found.k, workers, {monitor.stop, {}}));
    NeighborTable picked{count, found.k, {}, {}};
    for (const std::uint32_t row : sample) picked.indices.insert(picked.indices.end(), found.of(row).begin(), found.of(row).end());
    return neighborRecall(truth, picked);
}

double neighborRecall(const NeighborTable& truth, const NeighborTable& found) {
    const std::size_t k = std::min(truth.k, found.k), rows = std::min(truth.rows, found.rows);
    std::size_t hits = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        const auto have = found.of(row).first(k);
        for (const std::uint32_t wanted : truth.of(row).first(k)) hits += std::find(have.begin(), have.end(), wanted) != have.end();
    }
    return rows * k == 0 ? 1.0 : static_cast<double>(hits) / static_cast<double>(rows * k);
}

Result<NeighborTable> findNeighbors(const Matrix& features, const NeighborOptions& options, Workers& workers, const Monitor& monitor) {
    DS_TRY(requireFinite(features, "The feature matrix"));
    if (options.k < 1 || features.rows <= options.k)
        return fail(ErrorCode::BadInput, fmt::format("{} neighbours per row need at least {} rows; the table has {}.", options.k, options.k + 1, features.rows),
                    fmt::format("Use 1 to {} neighbours.", features.rows == 0 ? 0 : features.rows - 1));
    Matrix rows;
    if (options.metric == Metric::Cosine) {
        DS_ASSIGN(rows, unitRows(features));
    } else {
        rows = centred(features);
        DS_TRY(requireSquarable(rows));
    }
    NeighborMethod method = options.method;
    if (method == NeighborMethod::Auto) method = rows.rows <= kExactRows ? NeighborMethod::Exact : NeighborMethod::Partition;
    NeighborTable out;
    if (method == NeighborMethod::Exact) {
        std::vector<std::uint32_t> all(rows.rows);
        std::iota(all.begin(), all.end(), 0u);
        DS_ASSIGN(out, exactSearch(rows, all, options.k, workers, monitor));
    } else {
        const auto search = method == NeighborMethod::Hnsw ? hnswSearch : partitionSearch;
        DS_ASSIGN(out, search(rows, options.k, options.recall, workers, monitor));
    }
    out.method = method;
    for (float& d : out.distances) d = options.metric == Metric::Cosine ? d / 2 : std::sqrt(d);
    return out;
}

}  // namespace driftscope::embed
