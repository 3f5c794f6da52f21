#include "core/debate/binomial.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>

namespace driftscope::debate {
namespace {

/// Ties such as |0.7 - 9/20| = 0.25 must not be decided by the last bit of a double.
constexpr double kTie = 1e-9;
constexpr double kInversionMean = 10;

/// Smallest integer > x and largest integer < x, with ties judged to within kTie.
double above(double x) {
    const double nearest = std::round(x);
    return std::abs(x - nearest) < kTie ? nearest + 1 : std::ceil(x);
}
double below(double x) {
    const double nearest = std::round(x);
    return std::abs(x - nearest) < kTie ? nearest - 1 : std::floor(x);
}

std::int64_t drawByInversion(RandomStream& random, std::int64_t n, double p) {
    const double q = 1 - p;
    const double ratio = p / q;
    double mass = std::pow(q, static_cast<double>(n));
    double u = random.uniform();
    std::int64_t k = 0;
    while (u > mass && k < n) {
        u -= mass;
        ++k;
        mass *= ratio * static_cast<double>(n - k + 1) / static_cast<double>(k);
    }
    return k;
}

/// Stirling's correction to ln k!.
double stirling(double k) {
    static constexpr double kSmall[] = {0.08106146679532726, 0.04134069595540929, 0.02767792568499834, 0.02079067210376509, 0.01664469118982119,
                                        0.01387612882307075, 0.01189670994589177, 0.01041126526197209, 0.009255462182712733, 0.008330563433362871};
    if (k <= 9) return kSmall[static_cast<int>(k)];
    const double inverse = 1 / (k + 1);
    const double square = inverse * inverse;
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 * square) * square) * inverse;
}

/// Transformed rejection with squeeze (BTRD, Hoermann 1993), the refinement of BTPE for n p >= 10.
std::int64_t drawByRejection(RandomStream& random, std::int64_t trials, double p) {
    const auto n = static_cast<double>(trials);
    const double q = 1 - p;
    const double spq = std::sqrt(n * p * q);
    const double b = 1.15 + 2.53 * spq;
    const double a = -0.0873 + 0.0248 * b + 0.01 * p;
    const double c = n * p + 0.5;
    const double alpha = (2.83 + 5.1 / b) * spq;
    const double vr = 0.92 - 4.2 / b;
    const double m = std::floor((n + 1) * p);
    const double r = p / q;
    while (true) {
        const double u = random.uniform() - 0.5;
        double v = random.uniform();
        const double us = 0.5 - std::abs(u);
        const double k = std::floor((2 * a / us + b) * u + c);
        if (us >= 0.07 && v <= vr) return static_cast<std::int64_t>(k);
        if (k < 0 || k > n) continue;
        v = std::log(v * alpha / (a / (us * us) + b));
        const double bound = (m + 0.5) * std::log((m + 1) / (r * (n - m + 1))) + stirling(m) + stirling(n - m) +
                             (n + 1) * std::log((n - m + 1) / (n - k + 1)) + (k + 0.5) * std::log(r * (n - k + 1) / (k + 1)) - stirling(k) -
                             stirling(n - k);
        if (v <= bound) return static_cast<std::int64_t>(k);
    }
}

}  // namespace

std::int64_t drawBinomial(RandomStream& random, std::int64_t n, double p) {
    p = std::clamp(p, 0.0, 1.0);
    if (n <= 0 || p == 0) return 0;
    if (p == 1) return n;
    if (p > 0.5) return n - drawBinomial(random, n, 1 - p);
    return static_cast<double>(n) * p < kInversionMean ? drawByInversion(random, n, p) : drawByRejection(random, n, p);
}

double binomialCdf(std::int64_t k, std::int64_t n, double p) {
    if (k < 0) return 0;
    if (k >= n) return 1;
    if (p <= 0) return 1;
    if (p >= 1) return 0;
    return boost::math::ibetac(static_cast<double>(k) + 1, static_cast<double>(n - k), p);
}

double binomialPmf(std::int64_t k, std::int64_t n, double p) {
    if (k < 0 || k > n) return 0;
    if (p <= 0) return k == 0 ? 1 : 0;
    if (p >= 1) return k == n ? 1 : 0;
    const auto kd = static_cast<double>(k);
    const auto nd = static_cast<double>(n);
    return boost::math::ibeta_derivative(kd + 1, nd - kd + 1, p) / (nd + 1);
}

double closeProbability(double claim, double p, std::int64_t n, double radius) {
    const auto nd = static_cast<double>(n);
    const double low = std::max(0.0, above((claim - radius) * nd));
    const double high = std::min(nd, below((claim + radius) * nd));
    if (low > high) return 0;
    return std::max(0.0, binomialCdf(static_cast<std::int64_t>(high), n, p) - binomialCdf(static_cast<std::int64_t>(low) - 1, n, p));
}

bool isClose(double claim, std::int64_t ones, std::int64_t n, double radius) {
    const auto nd = static_cast<double>(n);
    const auto k = static_cast<double>(ones);
    return k >= above((claim - radius) * nd) && k <= below((claim + radius) * nd);
}

}  // namespace driftscope::debate
