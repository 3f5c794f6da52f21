#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/embed/monitor.h"
#include "core/table/embedding_table.h"

namespace driftscope::embed {

class Workers;

enum class Metric { Euclidean, Cosine };
/// Auto: exact for small tables, else Partition.
enum class NeighborMethod { Auto, Exact, Partition, Hnsw };
std::string_view name(Metric metric);
std::string_view name(NeighborMethod method);

struct NeighborOptions {
    std::size_t k = 15;                 ///< neighbours per row, the row itself not counted
    Metric metric = Metric::Euclidean;
    NeighborMethod method = NeighborMethod::Auto;
    double recall = 0.99;               ///< Partition and Hnsw search wider until a sample of rows reaches this
};

/// The k nearest rows of every row, nearest first, without the row itself; equal distances in order of row.
struct NeighborTable {
    std::size_t rows = 0;
    std::size_t k = 0;
    std::vector<std::uint32_t> indices;   ///< rows x k
    std::vector<float> distances;         ///< rows x k; Euclidean, or 1 - cosine
    NeighborMethod method = NeighborMethod::Exact;
    double recall = 1;                    ///< share of true neighbours found, measured on a sample of rows against exact search

    std::span<const std::uint32_t> of(std::size_t row) const { return {indices.data() + row * k, k}; }
    std::span<const float> distancesOf(std::size_t row) const { return {distances.data() + row * k, k}; }
};

/// Same input gives the same bytes with any number of workers. Errors: not finite (row named), fewer than k + 1 rows,
/// a row of zeros under the cosine metric (named), cancelled.
Result<NeighborTable> findNeighbors(const Matrix& features, const NeighborOptions& options, Workers& workers, const Monitor& monitor = {});

/// Share of `truth`'s neighbours that `found` holds, over rows that both have (k of the smaller table).
double neighborRecall(const NeighborTable& truth, const NeighborTable& found);

}  // namespace driftscope::embed
