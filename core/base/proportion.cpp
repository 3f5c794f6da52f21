#include "core/base/proportion.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>

namespace driftscope {

Interval clopperPearson(std::int64_t successes, std::int64_t trials, double confidence) {
    const double tail = (1 - confidence) / 2;
    const auto k = static_cast<double>(successes);
    const auto n = static_cast<double>(trials);
    Interval out;
    if (successes > 0) out.low = boost::math::ibeta_inv(k, n - k + 1, tail);
    if (successes < trials) out.high = boost::math::ibetac_inv(k + 1, n - k, tail);
    return out;
}

Interval wilson(std::int64_t successes, std::int64_t trials, double confidence) {
    if (trials == 0) return {};
    const double z = boost::math::quantile(boost::math::normal(), 1 - (1 - confidence) / 2);
    const auto n = static_cast<double>(trials);
    const double p = static_cast<double>(successes) / n;
    const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
    return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

}  // namespace driftscope
