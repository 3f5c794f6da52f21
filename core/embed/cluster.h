#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/embed/monitor.h"
#include "core/embed/neighbors.h"
#include "core/embed/umap.h"
#include "core/table/embedding_table.h"

namespace driftscope::embed {

/// A cluster per row: 0 is the largest, equal sizes in order of their first row; -1 belongs to none.
struct Clustering {
    std::vector<std::int32_t> cluster;
    std::vector<std::size_t> sizes;  ///< of each cluster
    double quality = 0;              ///< what Leiden made large; 0 for DBSCAN
};

/// What Leiden makes large: modularity with a resolution (Reichardt and Bornholdt 2006), whose clusters grow with the graph, or
/// the constant Potts model, whose clusters do not.
enum class LeidenQuality { Modularity, Potts };
struct LeidenOptions {
    LeidenQuality quality = LeidenQuality::Modularity;
    double resolution = 1;       ///< higher gives more clusters
    std::size_t iterations = 0;  ///< 0 goes on until nothing changes
    std::uint64_t seed = 42;
};
/// Leiden communities (Traag, Waltman and van Eck 2019) of a weighted graph, by igraph. Same seed, same clusters.
/// Errors: no edges, cancelled.
Result<Clustering> leiden(const FuzzyGraph& graph, const LeidenOptions& options, const Monitor& monitor = {});

/// sum over pairs in one cluster of (A_ij - resolution k_i k_j / 2m), divided by 2m. Rows of -1 stand alone.
double modularity(const FuzzyGraph& graph, std::span<const std::int32_t> cluster, double resolution = 1);
/// sum over pairs in one cluster of (A_ij - resolution), divided by 2m, as igraph counts it (pairs of a row with itself included).
double pottsQuality(const FuzzyGraph& graph, std::span<const std::int32_t> cluster, double resolution = 1);

struct DbscanOptions {
    double eps = 0.5;           ///< neighbours are within this distance, inclusive
    std::size_t minPoints = 5;  ///< a row with so many neighbours, itself counted, is a core
    Metric metric = Metric::Euclidean;
};
/// DBSCAN (Ester, Kriegel, Sander and Xu 1996), exact; a border row goes to the cluster whose first core comes first, as in
/// scikit-learn. Same result with any number of workers. Errors: not finite, zero row under cosine, eps not positive, cancelled.
Result<Clustering> dbscan(const Matrix& features, const DbscanOptions& options, Workers& workers, const Monitor& monitor = {});
/// Median distance of a row to its k-th neighbour: the scale on which to choose eps.
double medianDistance(const NeighborTable& table, std::size_t k);

/// How far two groupings of the same rows agree; rows with -1 in either are left out.
struct ClusterAgreement {
    double ari = 0;  ///< adjusted Rand index (Hubert and Arabie 1985)
    double nmi = 0;  ///< mutual information over the mean of the entropies
    std::size_t rows = 0;
};
ClusterAgreement clusterAgreement(std::span<const std::int32_t> a, std::span<const std::int32_t> b);

/// Numbers clusters by size; `cluster` holds any numbers, negative for none.
Clustering numberBySize(std::span<const std::int32_t> cluster);

}  // namespace driftscope::embed
