#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "core/base/error.h"

namespace driftscope::embed {

/// A series of vectors, row-major: steps x dimensions.
struct Series {
    std::size_t steps = 0;
    std::size_t dimensions = 1;
    std::vector<double> values;

    Series() = default;
    Series(std::size_t s, std::size_t d) : steps(s), dimensions(d), values(s * d) {}
    std::span<const double> at(std::size_t step) const { return {values.data() + step * dimensions, dimensions}; }
    std::span<double> at(std::size_t step) { return {values.data() + step * dimensions, dimensions}; }
};

/// Steps of two series that belong together, from first to last.
using WarpingPath = std::vector<std::pair<std::size_t, std::size_t>>;

struct DtwOptions {
    std::size_t window = 0;  ///< largest shift in steps, as dtaidistance counts it: |i - j| < window for series of one length; 0: any
    double penalty = 0;      ///< added (squared) for every step that is not diagonal
};
/// Dynamic time warping with squared Euclidean local cost: the square root of the least sum along a path, as dtaidistance
/// (which this equals to rounding). Errors: empty series, different dimensions, not finite (step named).
Result<double> dtwDistance(const Series& a, const Series& b, const DtwOptions& options = {});
/// The path of that distance; among equally cheap ones the most diagonal, read from the end.
Result<WarpingPath> dtwPath(const Series& a, const Series& b, const DtwOptions& options = {});

/// Where a template lies in a longer series: both ends of the series are free.
struct Subsequence {
    double value = 0;        ///< square root of the cost over the template's length
    std::size_t begin = 0;   ///< first matched step of the series
    std::size_t end = 0;     ///< last matched step
    WarpingPath path;        ///< (step of the template, step of the series)
};
/// The best match of at least `shortest` steps (of one, when there is none so long), as dtaidistance's SubsequenceAlignment.
/// A series shorter than the template matches too, compressed. Errors as dtwDistance().
Result<Subsequence> alignSubsequence(const Series& pattern, const Series& series, double penalty = 0.1, std::size_t shortest = 2);

struct DbaOptions {
    std::size_t iterations = 30;
    double tolerance = 1e-5;         ///< stops when values change by less on average
    std::size_t mostCandidates = 50; ///< the medoid is looked for among so many evenly spaced series
    bool unitSteps = false;          ///< every step of the average is scaled to length 1
};
/// DTW barycenter average (Petitjean, Ketterlin and Gancarski 2011), begun at the medoid.
struct Barycenter {
    Series average;
    std::size_t medoid = 0;      ///< index of the series it began with
    std::size_t iterations = 0;
    double inertia = 0;          ///< mean squared distance of the series to the average
};
Result<Barycenter> dtwBarycenter(std::span<const Series> series, const DbaOptions& options = {});

/// The series at `steps` evenly spaced places, by linear interpolation.
Series resample(const Series& series, std::size_t steps);
/// Every step scaled to length 1; a step of zeros stays.
void scaleToUnit(Series& series);

}  // namespace driftscope::embed
