#pragma once

// The three searches behind findNeighbors; rows are already centred or normalised, distances are squared Euclidean.

#include <span>

#include "core/embed/monitor.h"
#include "core/embed/neighbors.h"
#include "core/embed/workers.h"

namespace driftscope::embed {

/// For each query the k nearest rows of `rows`, exactly. Result rows follow `queries`.
Result<NeighborTable> exactSearch(const Matrix& rows, std::span<const std::uint32_t> queries, std::size_t k, Workers& workers,
                                  const Monitor& monitor);

/// Groups rows by k-means, compares each group with the groups nearest to it, then tries neighbours of neighbours; widens
/// until the recall of a sample is reached (at worst exact).
Result<NeighborTable> partitionSearch(const Matrix& rows, std::size_t k, double recall, Workers& workers, const Monitor& monitor);

/// Hierarchical navigable small world graph (hnswlib), built by one thread so that it is reproducible.
Result<NeighborTable> hnswSearch(const Matrix& rows, std::size_t k, double recall, Workers& workers, const Monitor& monitor);

/// Recomputes the candidates' distances by differences and keeps the k nearest, sorted by distance and row.
void keepNearest(const Matrix& rows, std::uint32_t query, std::vector<std::uint32_t>& candidates, std::span<std::uint32_t> indices,
                 std::span<float> squared);

/// Every row divided by its length. Errors: a row of zeros (named), which has no direction.
Result<Matrix> unitRows(const Matrix& features);

/// Recall of `found` on evenly spaced rows, against exactSearch.
Result<double> sampledRecall(const Matrix& rows, const NeighborTable& found, Workers& workers, const Monitor& monitor);

}  // namespace driftscope::embed
