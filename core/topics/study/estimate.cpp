#include "core/topics/study/estimate.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace driftscope::topics {

Estimate estimateOf(const std::vector<double>& values) {
    Estimate out;
    out.runs = values.size();
    if (values.empty()) {
        out.mean = std::nan("");
        return out;
    }
    const auto n = static_cast<double>(values.size());
    for (const double value : values) out.mean += value / n;
    if (values.size() < 2) return out;
    double square = 0;
    for (const double value : values) square += (value - out.mean) * (value - out.mean);
    out.error = std::sqrt(square / (n - 1) / n);
    return out;
}

Estimate estimateOf(const PairSummary& summary, std::size_t runs) {
    Estimate out{summary.mean, {}, runs};
    if (summary.high) out.error = (*summary.high - summary.mean) / 1.96;
    return out;
}

Estimate difference(const Estimate& a, const Estimate& b) {
    Estimate out{a.mean - b.mean, {}, std::min(a.runs, b.runs)};
    if (a.error && b.error) out.error = std::hypot(*a.error, *b.error);
    return out;
}

bool isClear(const Estimate& difference) {
    return difference.error && std::abs(difference.mean) > 1.96 * *difference.error;
}

nlohmann::json toJson(const Estimate& estimate) {
    const auto finite = [](std::optional<double> value) { return value && std::isfinite(*value) ? nlohmann::json(*value) : nlohmann::json(); };
    return {{"mean", finite(estimate.mean)}, {"low", finite(estimate.low())}, {"high", finite(estimate.high())}, {"runs", estimate.runs}};
}

}  // namespace driftscope::topics
