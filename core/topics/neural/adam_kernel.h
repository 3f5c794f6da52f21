#pragma once

#include <cstdint>

namespace driftscope::topics {

/// What one step of Adam multiplies by; `rate` and `correction` include the bias corrections.
struct AdamStep {
    float meanDecay, squareDecay, rate, correction, epsilon, weightDecay;
};

/// Updates n parameters and their moments in one pass.
void adamUpdate(float* parameter, float* mean, float* square, const float* gradient, std::int64_t n, const AdamStep& step);

}  // namespace driftscope::topics
