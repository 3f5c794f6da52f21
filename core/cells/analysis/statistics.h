#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace driftscope::cells {

/// Two-sided Mann-Whitney U test by the normal approximation with continuity and tie correction, as scipy's
/// mannwhitneyu(method="asymptotic"). u counts pairs in which `a` is larger (ties half). Empty samples: p is 1.
struct MannWhitney {
    double u = 0;
    double p = 1;
    double auroc = 0.5;  ///< u over the number of pairs: the chance that a value of `a` is larger
};
MannWhitney mannWhitney(std::span<const double> a, std::span<const double> b);

/// Two-sided Fisher exact test of the table {{a, b}, {c, d}}, as scipy: sums the tables that are no more likely.
double fisherExact(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d);

/// Pearson's correlation; NaN where one side does not vary or there are fewer than two values.
double pearson(std::span<const double> x, std::span<const double> y);
/// Spearman's: Pearson's of the ranks, ties at their mean rank.
double spearman(std::span<const double> x, std::span<const double> y);
/// Ranks from 1, ties at their mean.
std::vector<double> ranks(std::span<const double> values);
/// Two-sided p of a correlation of n pairs, by Student's t with n - 2 degrees of freedom; NaN for n < 3.
double correlationP(double r, std::size_t n);

/// q values that hold the false discovery rate (Benjamini and Hochberg 1995), in the order given.
std::vector<double> benjaminiHochberg(std::span<const double> p);

/// Linear-interpolated quantile of finite values (NumPy's default); NaN when empty.
double quantile(std::vector<double> values, double share);

}  // namespace driftscope::cells
