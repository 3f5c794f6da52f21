#pragma once

#include <cstdint>
#include <vector>

#include "core/embed/umap.h"

namespace driftscope::embed {

/// The rows of each connected piece of the graph, ascending; pieces in order of their first row.
std::vector<std::vector<std::uint32_t>> connectedPieces(const FuzzyGraph& graph);

/// The part of the graph on `rows`, which must be whole pieces; row i of the result is rows[i].
FuzzyGraph subgraph(const FuzzyGraph& graph, const std::vector<std::uint32_t>& rows);

/// Where each piece goes: its middle (pieces x axes) and the radius it may fill.
struct PieceLayout {
    Matrix middles;
    std::vector<double> radii;
};
/// Places pieces near their centroids' principal components, side by side: no force of the layout can pull apart two
/// pieces that begin on top of each other in time. Volumes are in proportion to rows.
Result<PieceLayout> arrangePieces(const Matrix& features, const std::vector<std::vector<std::uint32_t>>& pieces, std::size_t axes);

}  // namespace driftscope::embed
