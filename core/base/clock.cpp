#include "core/base/clock.h"

#include <fmt/chrono.h>

#include <chrono>
#include <cmath>

namespace driftscope {

double now() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string isoTime(double seconds) {
    const auto whole = static_cast<std::time_t>(std::floor(seconds));
    const auto micros = static_cast<int>((seconds - std::floor(seconds)) * 1e6);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06d}Z", fmt::gmtime(whole), micros);
}

}  // namespace driftscope
