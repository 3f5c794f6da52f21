#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/embed/monitor.h"
#include "core/table/embedding_table.h"

namespace driftscope::cells {

struct MmdOptions {
    std::size_t permutations = 1000;
    std::size_t mostCells = 2000;      ///< per group, drawn at random
    std::size_t leastCells = 20;       ///< a smaller group has no result
    std::size_t bandwidthCells = 1000; ///< for the median heuristic
    double bandwidth = 0;              ///< squared length of the kernel; 0 takes the median squared distance
    bool balance = false;              ///< both groups get the size of the smaller one
    std::uint64_t seed = 42;
};

/// Maximum mean discrepancy of two groups (Gretton et al. 2012) under the kernel exp(-|x - y|^2 / (2 bandwidth)).
struct Mmd {
    double squared = 0;     ///< unbiased estimate; may be below zero
    double bandwidth = 0;   ///< squared length
    double effect = 0;      ///< squared / bandwidth, as VisCy
    double z = 0;           ///< how many standard deviations of the permutations above their mean
    double p = 1;           ///< (permutations at least as large + 1) / (permutations + 1)
    std::size_t a = 0, b = 0;  ///< cells compared
};
/// Same seed, same numbers. Errors: fewer than leastCells in a group (numbers shown), all rows equal, cancelled.
Result<Mmd> mmd(const Matrix& features, std::span<const std::uint32_t> a, std::span<const std::uint32_t> b, const MmdOptions& options,
                const embed::Monitor& monitor = {});

/// Median of the squared distances between (at most `most`, evenly spaced) rows.
double medianSquaredDistance(const Matrix& features, std::span<const std::uint32_t> rows, std::size_t most);

}  // namespace driftscope::cells
