#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "core/topics/measure/stability.h"

namespace driftscope::topics {

/// A mean over runs (or pairs of runs) with its jackknife error over runs.
struct Estimate {
    double mean = 0;
    std::optional<double> error;  ///< absent when too few runs tell: 2 for a mean of runs, 3 for a mean of pairs
    std::size_t runs = 0;

    std::optional<double> low() const { return error ? std::optional(mean - 1.96 * *error) : std::nullopt; }
    std::optional<double> high() const { return error ? std::optional(mean + 1.96 * *error) : std::nullopt; }
};

/// Of values that are independent between runs: the jackknife of a mean is its standard error.
Estimate estimateOf(const std::vector<double>& values);
/// Of a mean over pairs of runs.
Estimate estimateOf(const PairSummary& summary, std::size_t runs);

/// a - b, with the error that independent runs give it.
Estimate difference(const Estimate& a, const Estimate& b);
/// The interval of a difference leaves out 0.
bool isClear(const Estimate& difference);

nlohmann::json toJson(const Estimate& estimate);

}  // namespace driftscope::topics
