#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/embed/monitor.h"
#include "core/table/embedding_table.h"
#include "core/table/trajectories.h"

namespace driftscope::cells {

/// What is averaged over all pairs of a track that are `lag` frames apart.
enum class Displacement {
    MeanSquared,  ///< squared Euclidean distance: the mean squared displacement
    Euclidean,
    Cosine,       ///< 1 - cosine, as VisCy measures displacement in an embedding
};

/// One lag of a displacement curve. The interval (95 %) takes tracks, not pairs, as independent: the linearised variance of a
/// ratio of sums over tracks. With one track there is none: low and high are NaN.
struct LagPoint {
    std::int64_t lag = 0;  ///< frames
    double mean = 0;
    double low = 0, high = 0;
    std::size_t pairs = 0;
    std::size_t tracks = 0;
};

/// Displacement for lags 1 … maxLag (0: half of the longest track), every pair of a track taken once, gaps respected: two rows
/// are `lag` apart when their frames are. Lags without pairs are left out. `tracks` index the rows of `points`.
/// Errors: no track with two frames, a row of zeros under Cosine, cancelled.
Result<std::vector<LagPoint>> displacementByLag(const Matrix& points, std::span<const Trajectory> tracks, Displacement measure, std::int64_t maxLag,
                                                const embed::Monitor& monitor = {});

/// mean = prefactor lag^exponent, a straight line through the logarithms. Exponent of an MSD: 1 diffusion, 2 straight motion.
struct PowerLaw {
    double exponent = 0;
    double prefactor = 0;
    double standardError = 0;  ///< of the exponent; 0 with two points
    double r2 = 0;
    std::size_t points = 0;
};
/// Over lags first … last. Nothing with fewer than two positive means.
std::optional<PowerLaw> fitPowerLaw(std::span<const LagPoint> curve, std::int64_t first, std::int64_t last);

/// Standard deviation of the step lengths (lag 1, Euclidean) over their mean, all tracks together. Nothing without steps.
std::optional<double> stepVariation(const Matrix& points, std::span<const Trajectory> tracks);

/// How near a cell stays to itself: for rows with a successor `lag` frames later in their track, how many other rows lie nearer
/// than that successor (0: the successor is the nearest neighbour).
struct NeighborRanks {
    std::int64_t lag = 0;
    std::vector<std::uint32_t> rows;   ///< the rows that were asked
    std::vector<std::uint32_t> ranks;  ///< one per row
    std::size_t among = 0;             ///< rows that could lie nearer
};
/// `mostRows` evenly spaced rows are asked (0: all). Errors: no pair with that lag, cancelled.
Result<NeighborRanks> neighborRanks(const Matrix& points, std::span<const Trajectory> tracks, std::int64_t lag, Displacement measure, std::size_t mostRows,
                                    const embed::Monitor& monitor = {});

}  // namespace driftscope::cells
