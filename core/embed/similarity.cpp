#include "core/embed/similarity.h"

#include <cmath>
#include <limits>

namespace driftscope::embed {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

double product(const GramMatrix& x, const GramMatrix& y) {
    double sum = 0;
    for (std::size_t i = 0; i < x.values.size(); ++i) sum += x.values[i] * y.values[i];
    return sum;
}

/// The unbiased estimate of HSIC: diagonals left out.
double unbiasedHsic(const GramMatrix& x, const GramMatrix& y) {
    const std::size_t n = x.n;
    double trace = 0, allX = 0, allY = 0, crossed = 0;
    for (std::size_t i = 0; i < n; ++i) {
        double rowX = 0, rowY = 0;
        for (std::size_t j = 0; j < n; ++j) {
            if (i == j) continue;
            const double a = x.values[i * n + j], b = y.values[i * n + j];
            trace += a * b;
            rowX += a;
            rowY += b;
        }
        allX += rowX;
        allY += rowY;
        crossed += rowX * rowY;
    }
    const auto m = static_cast<double>(n);
    return (trace + allX * allY / ((m - 1) * (m - 2)) - 2 * crossed / (m - 2)) / (m * (m - 3));
}

}  // namespace

GramMatrix GramMatrix::of(const Matrix& observations) {
    const std::size_t n = observations.rows, columns = observations.columns;
    std::vector<double> centred(n * columns);
    for (std::size_t c = 0; c < columns; ++c) {
        double mean = 0;
        for (std::size_t r = 0; r < n; ++r) mean += observations(r, c);
        mean /= static_cast<double>(n);
        for (std::size_t r = 0; r < n; ++r) centred[r * columns + c] = observations(r, c) - mean;
    }
    GramMatrix out{n, std::vector<double>(n * n)};
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = i; j < n; ++j) {
            double sum = 0;
            for (std::size_t c = 0; c < columns; ++c) sum += centred[i * columns + c] * centred[j * columns + c];
            out.values[i * n + j] = out.values[j * n + i] = sum;
        }
    return out;
}

double linearCka(const GramMatrix& x, const GramMatrix& y, bool debiased) {
    if (x.n != y.n || x.n < (debiased ? 4U : 2U)) return kNothing;
    const double xx = debiased ? unbiasedHsic(x, x) : product(x, x), yy = debiased ? unbiasedHsic(y, y) : product(y, y);
    if (!(xx > 0) || !(yy > 0)) return kNothing;
    return (debiased ? unbiasedHsic(x, y) : product(x, y)) / std::sqrt(xx * yy);
}

}  // namespace driftscope::embed
