#include "core/topics/neural/adam_kernel.h"

#include <cmath>

namespace driftscope::topics {

[[gnu::target_clones("arch=haswell", "default")]] void adamUpdate(float* __restrict parameter, float* __restrict mean, float* __restrict square, const float* __restrict gradient, std::int64_t n, const AdamStep& step) {
    const AdamStep s = step;
    for (std::int64_t i = 0; i < n; ++i) {
        const float g = gradient[i] + s.weightDecay * parameter[i];
        mean[i] = s.meanDecay * mean[i] + (1 - s.meanDecay) * g;
        square[i] = s.squareDecay * square[i] + (1 - s.squareDecay) * g * g;
        parameter[i] -= s.rate * mean[i] / (std::sqrt(square[i]) * s.correction + s.epsilon);
    }
}

}  // namespace driftscope::topics
