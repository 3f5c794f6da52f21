#pragma once

#include <cstdint>
#include <utility>

#include "core/base/proportion.h"
#include "core/debate/random_stream.h"

namespace driftscope::debate {

/// One draw of Binomial(n, p): inversion for small means, else BTPE (Kachitvichyanukul and Schmeiser 1988). The same
/// stream gives the same number on every platform. p outside [0, 1] is clamped.
std::int64_t drawBinomial(RandomStream& random, std::int64_t n, double p);

/// P[Binomial(n, p) <= k].
double binomialCdf(std::int64_t k, std::int64_t n, double p);
/// P[Binomial(n, p) == k].
double binomialPmf(std::int64_t k, std::int64_t n, double p);

/// P[|claim - Binomial(n, p)/n| < radius] (strict, as Bob and Vera decide).
double closeProbability(double claim, double p, std::int64_t n, double radius);
/// Whether an estimate of `ones` in `n` is strictly within `radius` of the claim; ties are decided on the exact decimal
/// value, not on its rounding.
bool isClose(double claim, std::int64_t ones, std::int64_t n, double radius);

}  // namespace driftscope::debate
