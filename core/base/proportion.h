#pragma once

#include <cstdint>

namespace driftscope {

/// A confidence interval of a proportion.
struct Interval {
    double low = 0;
    double high = 1;
};
/// Exact two-sided interval for a proportion (Clopper and Pearson 1934). No trials: [0, 1].
Interval clopperPearson(std::int64_t successes, std::int64_t trials, double confidence = 0.95);
/// Score interval (Wilson 1927). No trials: [0, 1].
Interval wilson(std::int64_t successes, std::int64_t trials, double confidence = 0.95);

}  // namespace driftscope
