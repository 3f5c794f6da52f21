#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/error.h"

namespace driftscope::cells {

/// One value of one cell at a time, in minutes (or frames) from its event.
struct TimedValue {
    double time = 0;
    double value = 0;
    std::uint32_t track = 0;
};

/// One bin of a population curve.
struct CurvePoint {
    double time = 0;   ///< middle of the bin
    double centre = 0; ///< mean, median or share
    double low = 0, high = 0;  ///< 95 % of a mean (normal) or share (Wilson); quartiles of a median
    std::size_t cells = 0;
};

enum class CurveCentre {
    Mean,
    Median,
    Share,  ///< values are 0 or 1
};
struct CurveOptions {
    CurveCentre centre = CurveCentre::Mean;
    double width = 30;           ///< of a bin
    std::size_t leastCells = 5;  ///< bins with fewer values are left out
};
/// Bins [k width, (k + 1) width) around 0, ascending. Not finite values do not count.
std::vector<CurvePoint> populationCurve(std::span<const TimedValue> values, const CurveOptions& options);

/// What a curve does after its event, as VisCy reads organelle responses.
struct ResponseOptions {
    double baselineFrom = -600, baselineTo = -120;  ///< bins of the baseline for the onset
    double restTo = -60;          ///< bins before it are the rest level that T50 starts from
    double deviations = 2;        ///< of the baseline, that the onset exceeds
};
struct Response {
    std::optional<double> onset;      ///< first bin at or after 0 above baseline mean + deviations sd
    std::optional<double> t50;        ///< first crossing of half-way from rest to peak, linear between bins
    double peak = 0, peakTime = 0;
    std::optional<double> returned;   ///< first bin after the peak within one sd of the baseline
    std::optional<double> duration;   ///< from onset to return
    double area = 0;                  ///< trapezoid rule over bins at or after 0, above the rest level
    double baseline = 0, deviation = 0;
    std::size_t baselineBins = 0;
};
/// Errors: fewer than two baseline bins, no bin at or after 0 (both windows named).
Result<Response> responseOf(std::span<const CurvePoint> curve, const ResponseOptions& options);

}  // namespace driftscope::cells
