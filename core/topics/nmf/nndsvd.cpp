#include <cmath>

#include "core/base/fingerprint.h"
#include "core/embed/linear_algebra.h"
#include "core/topics/nmf/nmf.h"

namespace driftscope::topics {
namespace {

constexpr std::size_t kOversampling = 10;
constexpr int kPowerIterations = 7;
constexpr double kNothing = 1e-12;

/// Makes the columns of a row-major rows x width matrix orthonormal: modified Gram-Schmidt, twice, on the transpose.
void orthonormalise(std::vector<double>& matrix, std::size_t rows, std::size_t width) {
    std::vector<double> columns(matrix.size());
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < width; ++c) columns[c * rows + r] = matrix[r * width + c];
    for (std::size_t c = 0; c < width; ++c) {
        double* own = columns.data() + c * rows;
        for (int pass = 0; pass < 2; ++pass)
            for (std::size_t before = 0; before < c; ++before) {
                const double* other = columns.data() + before * rows;
                double dot = 0;
                for (std::size_t r = 0; r < rows; ++r) dot += own[r] * other[r];
                for (std::size_t r = 0; r < rows; ++r) own[r] -= dot * other[r];
            }
        double norm = 0;
        for (std::size_t r = 0; r < rows; ++r) norm += own[r] * own[r];
        norm = std::sqrt(norm);
        for (std::size_t r = 0; r < rows; ++r) own[r] = norm > kNothing ? own[r] / norm : 0;
    }
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < width; ++c) matrix[r * width + c] = columns[c * rows + r];
}

/// Column `from` of both singular bases as non-negative columns `to` of W and H.
struct Part {
    double w = 0, h = 0;  ///< norms
};

}  // namespace

Result<std::pair<std::vector<double>, std::vector<double>>> nndsvd(const SparseRows& x, const SparseRows& transposed, std::size_t topics) {
    // Halko, Martinsson and Tropp 2011: a basis of the leading left singular space, then a small eigenproblem.
    const std::size_t width = std::min({topics + kOversampling, x.rows, x.columns});
    std::vector<double> right(x.columns * width);
    for (std::size_t i = 0; i < right.size(); ++i) right[i] = std::sqrt(-2 * std::log(1 - randomUnit(1, 3, i))) * std::cos(2 * M_PI * randomUnit(1, 4, i));
    std::vector<double> left = multiply(x, right, width);
    for (int i = 0; i < kPowerIterations; ++i) {
        orthonormalise(left, x.rows, width);
        right = multiply(transposed, left, width);
        orthonormalise(right, x.columns, width);
        left = multiply(x, right, width);
    }
    orthonormalise(left, x.rows, width);
    const std::vector<double> small = multiply(transposed, left, width);  // X' Q: columns x width
    std::vector<double> gram(width * width, 0);
    for (std::size_t r = 0; r < x.columns; ++r)
        for (std::size_t a = 0; a < width; ++a)
            for (std::size_t b = 0; b <= a; ++b) gram[a * width + b] += small[r * width + a] * small[r * width + b];
    DS_ASSIGN(const embed::EigenPairs pairs, embed::largestEigenPairs(std::move(gram), width, topics));
    std::pair<std::vector<double>, std::vector<double>> start{std::vector<double>(x.rows * topics, 0), std::vector<double>(x.columns * topics, 0)};
    std::vector<double> u(x.rows), v(x.columns);
    for (std::size_t k = 0; k < topics; ++k) {
        const double sigma = std::sqrt(std::max(0.0, pairs.values[k]));
        const double* e = pairs.vectors.data() + k * width;
        const auto project = [&](const std::vector<double>& basis, std::vector<double>& into, double scale) {
            for (std::size_t r = 0; r < into.size(); ++r) {
                into[r] = 0;
                for (std::size_t j = 0; j < width; ++j) into[r] += basis[r * width + j] * e[j] * scale;
            }
        };
        project(left, u, 1);
        project(small, v, sigma > kNothing ? 1 / sigma : 0);
        // The part of one sign in both that carries more; the first triplet of a non-negative matrix has one sign only.
        const auto norm = [](const std::vector<double>& values, double sign) {
            double sum = 0;
            for (const double value : values) sum += value * sign > 0 ? value * value : 0;
            return std::sqrt(sum);
        };
        const Part plus{norm(u, 1), norm(v, 1)}, minus{norm(u, -1), norm(v, -1)};
        const double sign = plus.w * plus.h >= minus.w * minus.h ? 1 : -1;
        const Part kept = sign > 0 ? plus : minus;
        if (kept.w * kept.h < kNothing) continue;
        const double scale = std::sqrt(sigma * kept.w * kept.h);
        for (std::size_t r = 0; r < u.size(); ++r) start.first[r * topics + k] = std::max(0.0, sign * u[r]) / kept.w * scale;
        for (std::size_t r = 0; r < v.size(); ++r) start.second[r * topics + k] = std::max(0.0, sign * v[r]) / kept.h * scale;
    }
    return start;
}

}  // namespace driftscope::topics
