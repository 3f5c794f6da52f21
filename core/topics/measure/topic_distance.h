#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/topics/data/topic_run.h"
#include "core/topics/measure/matching.h"
#include "core/topics/measure/rank_overlap.h"

namespace driftscope::topics {

/// How far two topics are apart by their weights over words (or documents).
enum class DistanceKind {
    Rbo,           ///< 1 - rank overlap of the first entries
    JensenShannon, ///< square root of the divergence in nats: 0 … sqrt(ln 2) = 0.8326
    Correlation,   ///< 1 - Pearson's r: 0 … 2
};
/// "rbo", "js", "correlation".
std::string_view name(DistanceKind kind);
std::optional<DistanceKind> distanceFromName(std::string_view name);

/// Distances of all rows of `a` to all rows of `b` (equal numbers of columns). Js takes rows as distributions after
/// dividing by their sum; a constant row has correlation 0 with everything.
CostMatrix rowDistances(const Matrix& a, const Matrix& b, DistanceKind kind);

/// 1 - rank overlap of all pairs of lists of ids below `ids`.
CostMatrix rankDistances(const std::vector<std::vector<std::uint32_t>>& a, const std::vector<std::vector<std::uint32_t>>& b, OverlapKind kind, double p, std::size_t ids);

/// Columns become rows: topics as weights over documents.
Matrix transposed(const Matrix& matrix);

}  // namespace driftscope::topics
