#include "core/cells/analysis/displacement.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace driftscope::cells {
namespace {

constexpr double kTwoSided95 = 1.959963984540054;

double squared(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double d = static_cast<double>(a[i]) - b[i];
        sum += d * d;
    }
    return sum;
}

double cosine(std::span<const float> a, std::span<const float> b) {
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += static_cast<double>(a[i]) * b[i];
        aa += static_cast<double>(a[i]) * a[i];
        bb += static_cast<double>(b[i]) * b[i];
    }
    return 1 - ab / std::sqrt(aa * bb);
}

double measured(Displacement measure, std::span<const float> a, std::span<const float> b) {
    switch (measure) {
        case Displacement::MeanSquared: return squared(a, b);
        case Displacement::Euclidean: return std::sqrt(squared(a, b));
        default: return cosine(a, b);
    }
}

/// Sums of one lag, track by track.
struct LagSums {
    double total = 0;
    std::vector<std::pair<double, double>> tracks;  ///< sum and pairs
    std::size_t pairs = 0;

    LagPoint point(std::int64_t lag) const {
        LagPoint out{lag, total / static_cast<double>(pairs), std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN(), pairs, tracks.size()};
        if (tracks.size() < 2) return out;
        double square = 0;
        for (const auto& [sum, count] : tracks) square += (sum - out.mean * count) * (sum - out.mean * count);
        const auto n = static_cast<double>(tracks.size());
        const double error = std::sqrt(square * n / (n - 1)) / static_cast<double>(pairs);
        out.low = out.mean - kTwoSided95 * error;
        out.high = out.mean + kTwoSided95 * error;
        return out;
    }
};

Result<void> requireDirections(const Matrix& points, std::span<const Trajectory> tracks) {
    for (const Trajectory& track : tracks)
        for (std::size_t i = 0; i < track.rows.size(); ++i)
            if (std::ranges::all_of(points.row(track.rows[i]), [](float v) { return v == 0; }))
                return fail(ErrorCode::BadInput, fmt::format("The features of {} in frame {} are all zero, which has no direction.", track.entity, track.steps[i]),
                            "Use the Euclidean distance, or leave this cell out.");
    return {};
}

}  // namespace

Result<std::vector<LagPoint>> displacementByLag(const Matrix& points, std::span<const Trajectory> tracks, Displacement measure, std::int64_t maxLag,
                                                const embed::Monitor& monitor) {
    if (measure == Displacement::Cosine) DS_TRY(requireDirections(points, tracks));
    if (maxLag == 0)
        for (const Trajectory& track : tracks) maxLag = std::max(maxLag, (track.steps.back() - track.steps.front()) / 2);
    maxLag = std::max<std::int64_t>(maxLag, 1);
    std::map<std::int64_t, LagSums> lags;
    std::size_t done = 0;
    for (const Trajectory& track : tracks) {
        if (monitor.cancelled()) return embed::Monitor::stopped();
        monitor.report(static_cast<double>(done++), static_cast<double>(tracks.size()), "track");
        std::map<std::int64_t, std::pair<double, double>> here;
        for (std::size_t i = 0; i < track.rows.size(); ++i)
            for (std::size_t j = i + 1; j < track.rows.size(); ++j) {
                const std::int64_t lag = track.steps[j] - track.steps[i];
                if (lag > maxLag) break;
                auto& [sum, count] = here[lag];
                sum += measured(measure, points.row(track.rows[i]), points.row(track.rows[j]));
                count += 1;
            }
        for (const auto& [lag, sums] : here) {
            LagSums& all = lags[lag];
            all.total += sums.first;
            all.pairs += static_cast<std::size_t>(sums.second);
            all.tracks.push_back(sums);
        }
    }
    if (lags.empty()) return fail(ErrorCode::BadInput, "No track has two frames within the largest lag.", "Check the tracks, or allow a larger lag.");
    std::vector<LagPoint> out;
    for (const auto& [lag, sums] : lags) out.push_back(sums.point(lag));
    return out;
}

std::optional<PowerLaw> fitPowerLaw(std::span<const LagPoint> curve, std::int64_t first, std::int64_t last) {
    std::vector<double> x, y;
    for (const LagPoint& point : curve)
        if (point.lag >= first && point.lag <= last && point.mean > 0) {
            x.push_back(std::log(static_cast<double>(point.lag)));
            y.push_back(std::log(point.mean));
        }
    if (x.size() < 2) return std::nullopt;
    const auto n = static_cast<double>(x.size());
    double mx = 0, my = 0, sxx = 0, sxy = 0, syy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        mx += x[i] / n;
        my += y[i] / n;
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
        sxx += (x[i] - mx) * (x[i] - mx);
        sxy += (x[i] - mx) * (y[i] - my);
        syy += (y[i] - my) * (y[i] - my);
    }
    PowerLaw out;
    out.points = x.size();
    out.exponent = sxy / sxx;
    out.prefactor = std::exp(my - out.exponent * mx);
    const double rest = std::max(0.0, syy - out.exponent * sxy);
    out.r2 = syy > 0 ? 1 - rest / syy : 1;
    if (x.size() > 2) out.standardError = std::sqrt(rest / (n - 2) / sxx);
    return out;
}

std::optional<double> stepVariation(const Matrix& points, std::span<const Trajectory> tracks) {
    std::vector<double> steps;
    for (const Trajectory& track : tracks)
        for (std::size_t i = 1; i < track.rows.size(); ++i)
            if (track.steps[i] == track.steps[i - 1] + 1) steps.push_back(std::sqrt(squared(points.row(track.rows[i - 1]), points.row(track.rows[i]))));
    if (steps.empty()) return std::nullopt;
    double mean = 0, square = 0;
    for (const double step : steps) mean += step / static_cast<double>(steps.size());
    for (const double step : steps) square += (step - mean) * (step - mean) / static_cast<double>(steps.size());
    if (!(mean > 0)) return std::nullopt;
    return std::sqrt(square) / mean;
}

Result<NeighborRanks> neighborRanks(const Matrix& points, std::span<const Trajectory> tracks, std::int64_t lag, Displacement measure, std::size_t mostRows,
                                    const embed::Monitor& monitor) {
    if (measure == Displacement::Cosine) DS_TRY(requireDirections(points, tracks));
    std::vector<std::uint32_t> all;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
    for (const Trajectory& track : tracks) {
        all.insert(all.end(), track.rows.begin(), track.rows.end());
        for (std::size_t i = 0; i < track.rows.size(); ++i)
            if (const auto later = std::ranges::lower_bound(track.steps, track.steps[i] + lag); later != track.steps.end() && *later == track.steps[i] + lag)
                pairs.emplace_back(track.rows[i], track.rows[static_cast<std::size_t>(later - track.steps.begin())]);
    }
    if (pairs.empty()) return fail(ErrorCode::BadInput, fmt::format("No track has frames that are {} apart.", lag), "Use a smaller lag.");
    NeighborRanks out;
    out.lag = lag;
    out.among = all.size() - 2;
    const std::size_t count = mostRows > 0 ? std::min(mostRows, pairs.size()) : pairs.size();
    for (std::size_t k = 0; k < count; ++k) {
        if (k % 64 == 0) {
            if (monitor.cancelled()) return embed::Monitor::stopped();
            monitor.report(static_cast<double>(k), static_cast<double>(count), "row");
        }
        const auto [row, successor] = pairs[k * pairs.size() / count];
        const double own = measured(measure, points.row(row), points.row(successor));
        std::uint32_t rank = 0;
        for (const std::uint32_t other : all)
            if (other != row && other != successor && measured(measure, points.row(row), points.row(other)) < own) ++rank;
        out.rows.push_back(row);
        out.ranks.push_back(rank);
    }
    return out;
}

}  // namespace driftscope::cells
