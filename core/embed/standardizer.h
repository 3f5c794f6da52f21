#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/table/embedding_table.h"

namespace driftscope::embed {

/// Refuses an empty matrix, NaN and infinities; the error names the first bad row and column and counts the bad rows.
/// `what` is what the user calls the matrix, for example "X" or "obsm/X_projections".
Result<void> requireFinite(const Matrix& features, std::string_view what);

/// Subtracts the mean and divides by the population standard deviation of each feature (scikit-learn's StandardScaler).
/// A feature without variance keeps scale 1, so it becomes 0.
struct Standardizer {
    std::vector<double> mean;
    std::vector<double> scale;
    std::size_t constantFeatures = 0;

    /// Sums in double. `rows` empty means all rows.
    static Standardizer fit(const Matrix& features, std::span<const std::uint32_t> rows = {});
    Matrix transform(const Matrix& features) const;
};

}  // namespace driftscope::embed
