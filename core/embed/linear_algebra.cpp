#include "core/embed/linear_algebra.h"

#include <cblas.h>

// LAPACK's Fortran interface; Debian's libopenblas provides a fast one behind liblapack.so.3.
extern "C" {
void dsyevr_(const char* job, const char* range, const char* uplo, const int* n, double* a, const int* lda, const double* vl,
             const double* vu, const int* il, const int* iu, const double* abstol, int* m, double* w, double* z, const int* ldz,
             int* isuppz, double* work, const int* lwork, int* iwork, const int* liwork, int* info);
void dposv_(const char* uplo, const int* n, const int* nrhs, double* a, const int* lda, double* b, const int* ldb, int* info);
}

namespace driftscope::embed {

Result<EigenPairs> largestEigenPairs(std::vector<double> matrix, std::size_t size, std::size_t count) {
    const int n = static_cast<int>(size), first = static_cast<int>(size - count + 1), ask = -1;
    const double none = 0;
    std::vector<double> values(size), vectors(size * count);
    std::vector<int> support(2 * size);
    int found = 0, info = 0, intSize = 0;
    double workSize = 0;
    // Row-major lower is column-major upper.
    dsyevr_("V", "I", "U", &n, matrix.data(), &n, &none, &none, &first, &n, &none, &found, values.data(), vectors.data(), &n, support.data(),
            &workSize, &ask, &intSize, &ask, &info);
    const int workLength = static_cast<int>(workSize);
    std::vector<double> work(static_cast<std::size_t>(workLength));
    std::vector<int> intWork(static_cast<std::size_t>(intSize));
    dsyevr_("V", "I", "U", &n, matrix.data(), &n, &none, &none, &first, &n, &none, &found, values.data(), vectors.data(), &n, support.data(),
            work.data(), &workLength, intWork.data(), &intSize, &info);
    if (info != 0 || found != static_cast<int>(count))
        return fail(ErrorCode::Numeric, fmt::format("The eigenvalues of a {0} x {0} matrix did not converge.", size),
                    "Check the features for extreme values.");
    EigenPairs out{std::vector<double>(count), std::vector<double>(size * count)};
    for (std::size_t i = 0; i < count; ++i) {
        out.values[i] = values[count - 1 - i];
        for (std::size_t j = 0; j < size; ++j) out.vectors[i * size + j] = vectors[(count - 1 - i) * size + j];
    }
    return out;
}

void addGram(std::vector<double>& lower, const std::vector<double>& block, std::size_t rows, std::size_t size, double scale) {
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, static_cast<int>(size), static_cast<int>(rows), scale, block.data(),
                static_cast<int>(size), 1.0, lower.data(), static_cast<int>(size));
}

void multiplyTransposed(const double* left, const double* right, double* out, std::size_t rows, std::size_t inner, std::size_t outColumns) {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(rows), static_cast<int>(outColumns), static_cast<int>(inner), 1.0,
                left, static_cast<int>(inner), right, static_cast<int>(inner), 0.0, out, static_cast<int>(outColumns));
}

Result<void> solvePositiveDefinite(std::vector<double> matrix, std::size_t size, std::vector<double>& rhs, std::size_t count) {
    const int n = static_cast<int>(size), sides = static_cast<int>(count);
    int info = 0;
    dposv_("U", &n, &sides, matrix.data(), &n, rhs.data(), &n, &info);
    if (info != 0) return fail(ErrorCode::Numeric, fmt::format("A {0} x {0} system is not positive definite.", size), "Raise the regularisation.");
    return {};
}

}  // namespace driftscope::embed
