#pragma once

#include <cstddef>
#include <vector>

#include "core/base/error.h"
#include "core/embed/monitor.h"
#include "core/embed/standardizer.h"
#include "core/table/embedding_table.h"

namespace driftscope::embed {

struct PcaOptions {
    std::size_t components = 2;  ///< at most min(rows, columns)
    bool standardize = false;    ///< scale every feature to unit variance first
    std::size_t maxRows = 0;     ///< estimate the covariance from this many evenly spaced rows; 0 uses all
};

/// Principal components, computed in double. Signs follow scikit-learn's svd_flip: in every component the row with the
/// largest absolute score has a positive one.
struct Pca {
    Standardizer input;                       ///< mean, and scale (all 1 unless standardised)
    std::size_t components = 0;
    std::vector<double> axes;                 ///< components x columns, unit rows
    std::vector<double> singularValues;       ///< of the centred matrix
    std::vector<double> explainedVariance;    ///< with n - 1 in the denominator
    std::vector<double> explainedVarianceRatio;

    /// Errors: not finite (row named), fewer than two rows, more components than rows or columns, too large to solve.
    static Result<Pca> fit(const Matrix& features, const PcaOptions& options, const Monitor& monitor = {});
    /// rows x components. The columns must be those of the fit.
    Matrix transform(const Matrix& features) const;
};

}  // namespace driftscope::embed
