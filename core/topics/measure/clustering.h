#pragma once

#include <cstdint>
#include <vector>

#include "core/topics/measure/matching.h"

namespace driftscope::topics {

enum class Linkage { Average, Complete };

/// One merge of a dendrogram: two clusters at a height. Clusters below n are single elements; n + i is what merge i made.
struct Merge {
    std::uint32_t a = 0, b = 0;
    double height = 0;
};

/// Agglomerative clustering of n elements by their distances (symmetric, n x n): nearest-neighbour chains with the update
/// of Lance and Williams, O(n^2). Merges come by growing height; n - 1 of them.
std::vector<Merge> agglomerate(const CostMatrix& distances, Linkage linkage);

/// Cluster of each element after the merges that leave `clusters` clusters. Clusters are numbered by their first element.
std::vector<std::uint32_t> cutAtCount(const std::vector<Merge>& merges, std::size_t elements, std::size_t clusters);
/// … after all merges at heights below `threshold`, as scikit-learn's distance_threshold.
std::vector<std::uint32_t> cutAtHeight(const std::vector<Merge>& merges, std::size_t elements, double threshold);

}  // namespace driftscope::topics
