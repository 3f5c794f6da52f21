#pragma once

#include <cstddef>
#include <vector>

#include "core/base/error.h"

namespace driftscope::embed {

/// Eigenpairs of a symmetric matrix, largest first; vectors[i * size + j] is element j of eigenvector i.
struct EigenPairs {
    std::vector<double> values;
    std::vector<double> vectors;
};

/// The `count` largest eigenpairs of a symmetric size x size matrix (LAPACK dsyevr; only the lower triangle in row-major
/// order is read). Errors: LAPACK does not converge.
Result<EigenPairs> largestEigenPairs(std::vector<double> matrix, std::size_t size, std::size_t count);

/// lower += scale * block^T * block for a row-major block of rows x size (BLAS dsyrk, lower triangle).
void addGram(std::vector<double>& lower, const std::vector<double>& block, std::size_t rows, std::size_t size, double scale = 1.0);

/// out (rows x outColumns) = left (rows x inner) * right^T, right stored as outColumns x inner; all row-major.
void multiplyTransposed(const double* left, const double* right, double* out, std::size_t rows, std::size_t inner,
                        std::size_t outColumns);

/// Solves the positive definite system matrix * x = rhs in place for several right sides, stored one after another
/// (LAPACK dposv). Errors: not positive definite.
Result<void> solvePositiveDefinite(std::vector<double> matrix, std::size_t size, std::vector<double>& rhs, std::size_t count);

}  // namespace driftscope::embed
