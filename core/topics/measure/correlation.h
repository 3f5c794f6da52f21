#pragma once

#include <span>
#include <vector>

namespace driftscope::topics {

/// Pearson's r; NaN for fewer than two pairs or a constant list.
double pearson(std::span<const double> x, std::span<const double> y);
/// Ranks from 1; equal values share the mean of their ranks.
std::vector<double> ranks(std::span<const double> values);
/// Spearman's rho: Pearson's r of the ranks.
double spearman(std::span<const double> x, std::span<const double> y);

}  // namespace driftscope::topics
