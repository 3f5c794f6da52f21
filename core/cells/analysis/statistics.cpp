#include "core/cells/analysis/statistics.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numeric>

namespace driftscope::cells {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

double logChoose(std::int64_t n, std::int64_t k) {
    return std::lgamma(static_cast<double>(n) + 1) - std::lgamma(static_cast<double>(k) + 1) - std::lgamma(static_cast<double>(n - k) + 1);
}

}  // namespace

std::vector<double> ranks(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return values[i]; });
    std::vector<double> out(values.size());
    for (std::size_t begin = 0; begin < order.size();) {
        std::size_t end = begin;
        while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
        for (std::size_t i = begin; i < end; ++i) out[order[i]] = static_cast<double>(begin + end + 1) / 2;
        begin = end;
    }
    return out;
}

MannWhitney mannWhitney(std::span<const double> a, std::span<const double> b) {
    MannWhitney out;
    if (a.empty() || b.empty()) return out;
    std::vector<double> both(a.begin(), a.end());
    both.insert(both.end(), b.begin(), b.end());
    const std::vector<double> rank = ranks(both);
    const auto na = static_cast<double>(a.size()), nb = static_cast<double>(b.size()), n = na + nb;
    out.u = std::accumulate(rank.begin(), rank.begin() + static_cast<std::ptrdiff_t>(a.size()), 0.0) - na * (na + 1) / 2;
    out.auroc = out.u / (na * nb);
    std::ranges::sort(both);
    double ties = 0;
    for (auto begin = both.begin(); begin != both.end();) {
        const auto end = std::upper_bound(begin, both.end(), *begin);
        const auto t = static_cast<double>(end - begin);
        ties += t * t * t - t;
        begin = end;
    }
    const double sigma = std::sqrt(na * nb / 12 * ((n + 1) - ties / (n * (n - 1))));
    if (!(sigma > 0)) return out;
    const double z = (std::max(out.u, na * nb - out.u) - na * nb / 2 - 0.5) / sigma;
    out.p = std::min(1.0, std::erfc(z / std::sqrt(2.0)));
    return out;
}

double fisherExact(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
    const std::int64_t row = a + b, column = a + c, total = a + b + c + d;
    const auto likelihood = [&](std::int64_t x) { return logChoose(column, x) + logChoose(total - column, row - x) - logChoose(total, row); };
    const double own = likelihood(a);
    double sum = 0;
    // A relative slack as scipy's, so that tables of equal probability count in spite of rounding.
    for (std::int64_t x = std::max<std::int64_t>(0, row + column - total); x <= std::min(row, column); ++x)
        if (const double one = likelihood(x); one <= own + 1e-7) sum += std::exp(one);
    return std::min(1.0, sum);
}

double pearson(std::span<const double> x, std::span<const double> y) {
    if (x.size() < 2 || x.size() != y.size()) return kNothing;
    const auto n = static_cast<double>(x.size());
    const double mx = std::accumulate(x.begin(), x.end(), 0.0) / n, my = std::accumulate(y.begin(), y.end(), 0.0) / n;
    double xx = 0, yy = 0, xy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xx > 0 && yy > 0 ? std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0) : kNothing;
}

double spearman(std::span<const double> x, std::span<const double> y) {
    return pearson(ranks(x), ranks(y));
}

double correlationP(double r, std::size_t n) {
    if (n < 3 || std::isnan(r)) return kNothing;
    if (std::abs(r) >= 1) return 0;
    const auto freedom = static_cast<double>(n - 2);
    const double t = std::abs(r) * std::sqrt(freedom / (1 - r * r));
    return 2 * boost::math::cdf(boost::math::complement(boost::math::students_t(freedom), t));
}

std::vector<double> benjaminiHochberg(std::span<const double> p) {
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });
    std::vector<double> q(p.size());
    double least = 1;
    for (std::size_t i = p.size(); i-- > 0;) {
        least = std::min(least, p[order[i]] * static_cast<double>(p.size()) / static_cast<double>(i + 1));
        q[order[i]] = least;
    }
    return q;
}

double quantile(std::vector<double> values, double share) {
    if (values.empty()) return kNothing;
    std::ranges::sort(values);
    const double place = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
}

}  // namespace driftscope::cells
