#include "core/embed/dtw.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace driftscope::embed {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

double cost(std::span<const double> a, std::span<const double> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

Result<void> check(const Series& series, const char* what) {
    if (series.steps == 0 || series.dimensions == 0) return fail(ErrorCode::BadInput, fmt::format("{} is empty.", what), "Alignment needs at least one frame.");
    for (std::size_t i = 0; i < series.values.size(); ++i)
        if (!std::isfinite(series.values[i]))
            return fail(ErrorCode::BadInput, fmt::format("{} is not finite in step {}.", what, i / series.dimensions), "Leave out frames without features.");
    return {};
}

Result<void> checkPair(const Series& a, const Series& b) {
    DS_TRY(check(a, "The first series"));
    DS_TRY(check(b, "The second series"));
    if (a.dimensions != b.dimensions)
        return fail(ErrorCode::BadInput, fmt::format("One series has {} dimensions, the other {}.", a.dimensions, b.dimensions), "Both must come from the same features.");
    return {};
}

/// Accumulated squared costs with a border row and column of their own: (a.steps + 1) x (b.steps + 1).
struct Costs {
    std::size_t columns;
    std::vector<double> values;
    double penalty;

    double at(std::size_t i, std::size_t j) const { return values[i * columns + j]; }
    double& at(std::size_t i, std::size_t j) { return values[i * columns + j]; }
};

/// `freeStart`: the second series may begin anywhere.
Costs accumulate(const Series& a, const Series& b, const DtwOptions& options, bool freeStart) {
    Costs costs{b.steps + 1, std::vector<double>((a.steps + 1) * (b.steps + 1), kInfinite), options.penalty * options.penalty};
    costs.at(0, 0) = 0;
    if (freeStart) std::fill_n(costs.values.begin(), b.steps + 1, 0.0);
    const std::size_t window = options.window == 0 ? std::max(a.steps, b.steps) : options.window;
    const std::size_t longerA = a.steps > b.steps ? a.steps - b.steps : 0, longerB = b.steps > a.steps ? b.steps - a.steps : 0;
    for (std::size_t i = 0; i < a.steps; ++i) {
        const std::size_t low = i + 1 > longerA + window ? i + 1 - longerA - window : 0;
        const std::size_t high = std::min(b.steps, i + longerB + window);
        for (std::size_t j = low; j < high; ++j) {
            const double before = std::min({costs.at(i, j), costs.at(i, j + 1) + costs.penalty, costs.at(i + 1, j) + costs.penalty});
            costs.at(i + 1, j + 1) = cost(a.at(i), b.at(j)) + before;
        }
    }
    return costs;
}

/// The path that ends at `column` of the last row (1-based), from its first step on.
WarpingPath trace(const Costs& costs, std::size_t rows, std::size_t column) {
    WarpingPath path;
    std::size_t i = rows, j = column;
    while (i > 0 && j > 0) {
        path.emplace_back(i - 1, j - 1);
        const std::array<double, 3> moves{costs.at(i - 1, j - 1), costs.at(i - 1, j) + costs.penalty, costs.at(i, j - 1) + costs.penalty};
        const auto move = std::ranges::min_element(moves) - moves.begin();
        if (move != 2) --i;
        if (move != 1) --j;
    }
    std::ranges::reverse(path);
    return path;
}

/// The series whose summed distance to the others is smallest.
std::size_t medoid(std::span<const Series> series, std::size_t most) {
    std::vector<std::size_t> candidates;
    const std::size_t count = std::min(most, series.size());
    for (std::size_t i = 0; i < count; ++i) candidates.push_back(i * series.size() / count);
    std::vector<double> sums(count);
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = i + 1; j < count; ++j) {
            const Series &a = series[candidates[i]], &b = series[candidates[j]];
            const double distance = std::sqrt(accumulate(a, b, {}, false).at(a.steps, b.steps));
            sums[i] += distance;
            sums[j] += distance;
        }
    return candidates[static_cast<std::size_t>(std::ranges::min_element(sums) - sums.begin())];
}

}  // namespace

Result<double> dtwDistance(const Series& a, const Series& b, const DtwOptions& options) {
    DS_TRY(checkPair(a, b));
    return std::sqrt(accumulate(a, b, options, false).at(a.steps, b.steps));
}

Result<WarpingPath> dtwPath(const Series& a, const Series& b, const DtwOptions& options) {
    DS_TRY(checkPair(a, b));
    return trace(accumulate(a, b, options, false), a.steps, b.steps);
}

Result<Subsequence> alignSubsequence(const Series& pattern, const Series& series, double penalty, std::size_t shortest) {
    DS_TRY(checkPair(pattern, series));
    const Costs costs = accumulate(pattern, series, {0, penalty}, true);
    std::vector<std::size_t> ends(series.steps);
    for (std::size_t j = 0; j < series.steps; ++j) ends[j] = j;
    std::ranges::stable_sort(ends, {}, [&](std::size_t j) { return costs.at(pattern.steps, j + 1); });
    const auto match = [&](std::size_t end) {
        WarpingPath path = trace(costs, pattern.steps, end + 1);
        const double value = std::sqrt(costs.at(pattern.steps, end + 1)) / static_cast<double>(pattern.steps);
        return Subsequence{value, path.front().second, end, std::move(path)};
    };
    for (const std::size_t end : ends)
        if (Subsequence found = match(end); found.end - found.begin + 1 >= shortest) return found;
    return match(ends.front());
}

Result<Barycenter> dtwBarycenter(std::span<const Series> series, const DbaOptions& options) {
    if (series.empty()) return fail(ErrorCode::BadInput, "There is no series to average.", "Choose at least one track.");
    for (const Series& one : series) DS_TRY(checkPair(series.front(), one));
    Barycenter out;
    out.medoid = medoid(series, std::max<std::size_t>(options.mostCandidates, 1));
    out.average = series[out.medoid];
    for (; out.iterations < options.iterations; ++out.iterations) {
        Series sums(out.average.steps, out.average.dimensions);
        std::vector<double> counts(out.average.steps);
        out.inertia = 0;
        for (const Series& one : series) {
            const Costs costs = accumulate(out.average, one, {}, false);
            out.inertia += costs.at(out.average.steps, one.steps) / static_cast<double>(series.size());
            for (const auto& [i, j] : trace(costs, out.average.steps, one.steps)) {
                counts[i] += 1;
                for (std::size_t d = 0; d < sums.dimensions; ++d) sums.at(i)[d] += one.at(j)[d];
            }
        }
        double change = 0;
        for (std::size_t i = 0; i < sums.steps; ++i)
            for (std::size_t d = 0; d < sums.dimensions; ++d) {
                sums.at(i)[d] /= counts[i];
                change += std::abs(sums.at(i)[d] - out.average.at(i)[d]);
            }
        out.average = std::move(sums);
        if (change / static_cast<double>(out.average.values.size()) < options.tolerance) break;
    }
    if (options.unitSteps) scaleToUnit(out.average);
    return out;
}

Series resample(const Series& series, std::size_t steps) {
    Series out(steps, series.dimensions);
    for (std::size_t i = 0; i < steps; ++i) {
        const double place = steps > 1 ? static_cast<double>(i) * static_cast<double>(series.steps - 1) / static_cast<double>(steps - 1) : 0;
        const std::size_t below = std::min(static_cast<std::size_t>(place), series.steps - 1), above = std::min(below + 1, series.steps - 1);
        const double share = place - static_cast<double>(below);
        for (std::size_t d = 0; d < series.dimensions; ++d) out.at(i)[d] = (1 - share) * series.at(below)[d] + share * series.at(above)[d];
    }
    return out;
}

void scaleToUnit(Series& series) {
    for (std::size_t i = 0; i < series.steps; ++i) {
        double square = 0;
        for (const double value : series.at(i)) square += value * value;
        for (double& value : series.at(i)) value = square > 0 ? value / std::sqrt(square) : value;
    }
}

}  // namespace driftscope::embed
