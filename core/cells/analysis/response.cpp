#include "core/cells/analysis/response.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/base/proportion.h"
#include "core/cells/analysis/statistics.h"

namespace driftscope::cells {
namespace {

constexpr double kTwoSided95 = 1.959963984540054;

CurvePoint point(double time, const std::vector<double>& values, CurveCentre centre) {
    const auto n = static_cast<double>(values.size());
    CurvePoint out{time, 0, 0, 0, values.size()};
    if (centre == CurveCentre::Median) {
        out.centre = quantile(values, 0.5);
        out.low = quantile(values, 0.25);
        out.high = quantile(values, 0.75);
        return out;
    }
    for (const double value : values) out.centre += value / n;
    if (centre == CurveCentre::Share) {
        const auto hits = std::ranges::count_if(values, [](double v) { return v > 0.5; });
        const Interval interval = wilson(hits, static_cast<std::int64_t>(values.size()));
        out.low = interval.low;
        out.high = interval.high;
        return out;
    }
    double square = 0;
    for (const double value : values) square += (value - out.centre) * (value - out.centre);
    const double error = values.size() > 1 ? std::sqrt(square / (n - 1) / n) : 0;
    out.low = out.centre - kTwoSided95 * error;
    out.high = out.centre + kTwoSided95 * error;
    return out;
}

/// Where the curve first rises through `level` at or after 0, linear between bins.
std::optional<double> crossing(std::span<const CurvePoint> after, double level) {
    for (std::size_t i = 0; i < after.size(); ++i) {
        if (after[i].centre < level) continue;
        if (i == 0) return after[i].time;
        const CurvePoint &a = after[i - 1], &b = after[i];
        return a.time + (level - a.centre) / (b.centre - a.centre) * (b.time - a.time);
    }
    return std::nullopt;
}

double meanOf(std::span<const CurvePoint> curve, double from, double to, std::size_t* bins, double* deviation) {
    std::vector<double> values;
    for (const CurvePoint& bin : curve)
        if (bin.time >= from && bin.time <= to) values.push_back(bin.centre);
    double mean = 0, square = 0;
    for (const double value : values) mean += value / static_cast<double>(values.size());
    for (const double value : values) square += (value - mean) * (value - mean) / static_cast<double>(values.size());
    if (bins) *bins = values.size();
    if (deviation) *deviation = std::sqrt(square);
    return mean;
}

}  // namespace

std::vector<CurvePoint> populationCurve(std::span<const TimedValue> values, const CurveOptions& options) {
    std::map<std::int64_t, std::vector<double>> bins;
    for (const TimedValue& value : values)
        if (std::isfinite(value.value) && std::isfinite(value.time)) bins[static_cast<std::int64_t>(std::floor(value.time / options.width))].push_back(value.value);
    std::vector<CurvePoint> out;
    for (const auto& [bin, members] : bins)
        if (members.size() >= std::max<std::size_t>(options.leastCells, 1)) out.push_back(point((static_cast<double>(bin) + 0.5) * options.width, members, options.centre));
    return out;
}

Result<Response> responseOf(std::span<const CurvePoint> curve, const ResponseOptions& options) {
    Response out;
    out.baseline = meanOf(curve, options.baselineFrom, options.baselineTo, &out.baselineBins, &out.deviation);
    if (out.baselineBins < 2)
        return fail(ErrorCode::BadInput, fmt::format("The curve has {} bins between {} and {} before the event.", out.baselineBins, options.baselineFrom, options.baselineTo),
                    "Set baseline_from and baseline_to where there are cells, or use narrower bins.");
    const auto first = std::ranges::find_if(curve, [](const CurvePoint& bin) { return bin.time >= 0; });
    if (first == curve.end()) return fail(ErrorCode::BadInput, "The curve ends before the event.", "It needs cells after their event.");
    const std::span<const CurvePoint> after(first, curve.end());
    std::size_t restBins = 0;
    double rest = meanOf(curve, -std::numeric_limits<double>::infinity(), options.restTo, &restBins, nullptr);
    if (restBins == 0) rest = out.baseline;
    const auto peak = std::ranges::max_element(after, {}, &CurvePoint::centre);
    out.peak = peak->centre;
    out.peakTime = peak->time;
    for (const CurvePoint& bin : after)
        if (bin.centre > out.baseline + options.deviations * out.deviation) {
            out.onset = bin.time;
            break;
        }
    if (out.peak > rest) out.t50 = crossing(after, rest + (out.peak - rest) / 2);
    for (auto bin = peak; out.onset && bin != after.end(); ++bin)
        if (bin != peak && bin->centre <= out.baseline + out.deviation) {
            out.returned = bin->time;
            out.duration = bin->time - *out.onset;
            break;
        }
    for (std::size_t i = 1; i < after.size(); ++i) out.area += (after[i].time - after[i - 1].time) * ((after[i].centre + after[i - 1].centre) / 2 - rest);
    return out;
}

}  // namespace driftscope::cells
