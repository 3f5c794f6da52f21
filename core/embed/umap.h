#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/embed/monitor.h"
#include "core/embed/neighbors.h"
#include "core/table/embedding_table.h"

namespace driftscope::embed {

class Workers;

/// Where the points start. Spectral: the slowest modes of the neighbour graph, found from the principal components by
/// repeated averaging over neighbours, so that separate pieces keep their place. Pca: the components themselves.
enum class UmapStart { Spectral, Pca, Random };

/// Uniform manifold approximation and projection (McInnes, Healy, Melville 2018); names and defaults of umap-learn 0.5.
struct UmapOptions {
    std::size_t components = 2;   ///< at most 16
    std::size_t neighbors = 15;   ///< the row itself counts as one, as in umap-learn
    double minDist = 0.1;
    double spread = 1.0;
    std::size_t epochs = 0;       ///< 0 chooses by table size
    std::size_t negatives = 5;    ///< repulsions for each attraction
    double learningRate = 1.0;
    UmapStart start = UmapStart::Spectral;
    std::uint64_t seed = 42;
};

/// Low-dimensional closeness 1 / (1 + a d^(2b)).
struct UmapCurve {
    double a = 0;
    double b = 0;
};
/// Least-squares fit to 1 within minDist and exp(-(d - minDist) / spread) beyond, as umap-learn's find_ab_params.
UmapCurve fitCurve(double spread, double minDist);

/// A symmetric sparse matrix of memberships in (0, 1]; targets ascend within a row.
struct FuzzyGraph {
    std::vector<std::size_t> starts;       ///< rows + 1
    std::vector<std::uint32_t> targets;
    std::vector<float> weights;

    std::size_t rows() const { return starts.size() - 1; }
};
/// Smooth nearest-neighbour distances and their fuzzy union, as umap-learn's fuzzy_simplicial_set. `neighbors` counts the row
/// itself; the table must hold at least neighbors - 1 columns.
FuzzyGraph fuzzyGraph(const NeighborTable& table, std::size_t neighbors, Workers& workers);

/// Places the rows of `graph`, beginning at `start` (rows x components). All forces of an epoch are taken
/// at the positions where it began, so that the same seed gives the same bytes with any number of workers.
Result<Matrix> layOut(const FuzzyGraph& graph, const Matrix& start, const UmapOptions& options, Workers& workers, const Monitor& monitor = {});

/// The starting positions for layOut, scaled to a width of about 20 and jittered so that equal rows can part.
Result<Matrix> startPositions(const Matrix& features, const FuzzyGraph& graph, const UmapOptions& options, Workers& workers,
                              const Monitor& monitor = {});

/// Graph, start and layout in one. `table` holds the neighbours of `features`' rows, at least neighbors - 1 of them.
/// Errors: parameters out of range, not finite, cancelled.
Result<Matrix> umap(const Matrix& features, const NeighborTable& table, const UmapOptions& options, Workers& workers, const Monitor& monitor = {});

}  // namespace driftscope::embed
