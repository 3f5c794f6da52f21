#include "core/llm/train/token_set.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/fingerprint.h"

namespace driftscope::llm {

std::vector<std::size_t> SampleStream::next(std::size_t count) {
    if (size_ == 0) return {};
    const auto size = static_cast<std::int64_t>(size_);
    const std::int64_t epoch = drawn_ / size, at = drawn_ % size;
    if (epoch != epoch_) {
        order_.resize(size_);
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        for (std::size_t i = size_; i > 1; --i) std::swap(order_[i - 1], order_[randomBits(seed_, static_cast<std::uint64_t>(epoch), i) % i]);
        epoch_ = epoch;
    }
    const auto end = std::min(size, at + static_cast<std::int64_t>(count));
    drawn_ += end - at;
    return {order_.begin() + at, order_.begin() + end};
}

double scheduleFactor(const std::string& schedule, std::int64_t step, std::int64_t steps, double warmupRatio) {
    if (schedule == "constant") return 1;
    const auto warmup = static_cast<std::int64_t>(std::ceil(warmupRatio * static_cast<double>(steps)));
    if (step < warmup) return static_cast<double>(step) / static_cast<double>(std::max<std::int64_t>(1, warmup));
    if (schedule == "constant_with_warmup") return 1;
    const double progress = static_cast<double>(step - warmup) / static_cast<double>(std::max<std::int64_t>(1, steps - warmup));
    return std::max(0.0, schedule == "linear" ? 1 - progress : 0.5 * (1 + std::cos(M_PI * progress)));
}

}  // namespace driftscope::llm
