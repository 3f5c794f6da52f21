#include "core/debate/parameters.h"

#include <cmath>

namespace driftscope::debate {
namespace {

constexpr double kNoise = 1e-12;
constexpr double kTunedFailure = 0.001;
constexpr double kMostSamples = 4e18;  ///< beyond this they cannot be counted, let alone asked

double allStepsFail(const Parameters& p) {
    return -std::expm1(static_cast<double>(p.steps) * std::log1p(-p.q));  // 1 - (1-q)^T'
}

Result<void> checkGiven(double w, double d, double k, std::int64_t steps) {
    if (!(k > 0) || !std::isfinite(k)) return fail(ErrorCode::BadInput, fmt::format("K is {}.", k), "The theorem needs a Lipschitz constant above 0.");
    if (steps < 1) return fail(ErrorCode::BadInput, fmt::format("T is {}.", steps), "A debate needs at least one step.");
    if (!(w > 0.5 && w <= 1)) return fail(ErrorCode::BadInput, fmt::format("The promise w is {}.", w), "The machine must be right more than half of the time: 0.5 < w <= 1.");
    if (!(d > 0 && d < w)) return fail(ErrorCode::BadInput, fmt::format("The goal d is {}.", d), "It must lie between 0 and w.");
    return {};
}

/// The largest b that meets both goals for this v, or 0.
double largestB(const Parameters& base, double ratio, double v) {
    const double qT = base.q * static_cast<double>(base.steps);
    const double soundness = (base.w - base.d / ((1 - v) * (1 - qT))) / base.k;
    const double completeness = (base.w - qT - base.d / (1 - v)) / (base.k * ratio);
    return std::min(soundness, completeness);
}

}  // namespace

std::int64_t samples(double e, double q) {
    const double exact = std::log(2 / q) / (2 * e * e);
    return exact < kMostSamples ? static_cast<std::int64_t>(std::ceil(exact * (1 - kNoise))) : static_cast<std::int64_t>(kMostSamples);
}

Result<Parameters> Parameters::leanDefaults(double w, double d, double k, std::int64_t steps) {
    DS_TRY(checkGiven(w, d, k, steps));
    return Parameters{w, d, k, steps, 1 / (100 * k), 2 / (100 * k), 5 / (100 * k), 1 / (100 * static_cast<double>(steps)), 0.01};
}

Result<Parameters> Parameters::tuned(double w, double d, double k, std::int64_t steps, double ratio) {
    DS_TRY(checkGiven(w, d, k, steps));
    Parameters best{w, d, k, steps, 0, 0, 0, kTunedFailure / static_cast<double>(steps), 0};
    std::int64_t fewest = 0;
    // Vera's count falls with b and rises as v shrinks; a fine logarithmic scan of v finds the trade-off to 0.1 %.
    for (double exponent = -6; exponent < std::log10(w - d); exponent += 0.0005) {
        const double v = std::pow(10, exponent);
        const double b = largestB(best, ratio, v);
        if (b <= 0) continue;
        const std::int64_t count = samples((b * (1 - ratio) - b * ratio) / 2, v);
        if (fewest != 0 && count >= fewest) continue;
        fewest = count;
        best.v = v;
        best.b = b * (1 - 1e-9);  // strictly inside, whatever the rounding
        best.c = ratio * best.b;
        best.s = (1 - ratio) * best.b;
    }
    if (fewest == 0)
        return fail(ErrorCode::BadInput, fmt::format("No parameters reach d = {} with w = {}.", d, w), "Lower d, or use a machine that is right more often.");
    return best;
}

std::vector<Inequality> check(const Parameters& p) {
    const double t = static_cast<double>(p.steps);
    const auto at = [](std::string text, double left, double right, bool strict = false) {
        return Inequality{std::move(text), left, right, strict ? left < right : left <= right * (1 + kNoise) + kNoise};
    };
    return {at("c > 0", 0, p.c, true),
            at("c < s", p.c, p.s, true),
            at("s < b", p.s, p.b, true),
            at("0 < q", 0, p.q, true),
            at("q <= v", p.q, p.v),
            at("v <= 1", p.v, 1),
            at("k b <= w", p.k * p.b, p.w),
            at("d <= (1-v)(w - k c - q T')", p.d, (1 - p.v) * (p.w - p.k * p.c - p.q * t)),
            at("d <= (1-v)(1 - q T')(w - k b)", p.d, (1 - p.v) * (1 - p.q * t) * (p.w - p.k * p.b))};
}

bool valid(const Parameters& p) {
    for (const Inequality& one : check(p))
        if (!one.holds) return false;
    return true;
}

Plan plan(const Parameters& p) {
    return {samples(p.c, p.q), samples((p.b - p.s) / 2, p.q), samples((p.s - p.c) / 2, p.v), (p.s + p.b) / 2, (p.c + p.s) / 2};
}

Guarantees guarantees(const Parameters& p) {
    const double fails = allStepsFail(p);
    return {(1 - p.v) * (p.w - p.k * p.c - fails), (1 - p.v) * (1 - fails) * (p.w - p.k * p.b), valid(p)};
}

double aliceBound(double k, std::int64_t steps) {
    const auto t = static_cast<double>(steps);
    return t * (5000 * k * k * std::log(200 * t) + 1);
}

double bobBound(double k, std::int64_t steps) {
    const auto t = static_cast<double>(steps);
    return t * (20000.0 / 9 * k * k * std::log(200 * t) + 1);
}

double veraBound(double k) {
    return 106000 * k * k + 1;
}

std::int64_t breakEven(const Plan& plan) {
    return plan.vera;
}

}  // namespace driftscope::debate
