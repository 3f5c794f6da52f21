#include "core/embed/standardizer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace driftscope::embed {

Result<void> requireFinite(const Matrix& features, std::string_view what) {
    if (features.rows == 0 || features.columns == 0)
        return fail(ErrorCode::BadInput, fmt::format("{} is empty ({} rows, {} columns).", what, features.rows, features.columns),
                    "Choose a table with embeddings.");
    std::size_t bad = 0, firstRow = 0, firstColumn = 0;
    for (std::size_t row = 0; row < features.rows; ++row) {
        const auto values = features.row(row);
        const auto found = std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
        if (found == values.end()) continue;
        if (bad++ == 0) {
            firstRow = row;
            firstColumn = static_cast<std::size_t>(found - values.begin());
        }
    }
    if (bad == 0) return {};
    return fail(ErrorCode::BadInput,
                fmt::format("{} holds {} in row {}, column {}; {} of {} rows are not finite.", what, features(firstRow, firstColumn), firstRow,
                            firstColumn, bad, features.rows),
                "Remove these rows or embed them again.");
}

Standardizer Standardizer::fit(const Matrix& features, std::span<const std::uint32_t> rows) {
    std::vector<std::uint32_t> all;
    if (rows.empty()) {
        all.resize(features.rows);
        std::iota(all.begin(), all.end(), 0u);
        rows = all;
    }
    const auto count = static_cast<double>(rows.size());
    Standardizer out{std::vector<double>(features.columns), std::vector<double>(features.columns), 0};
    for (std::uint32_t row : rows)
        for (std::size_t c = 0; c < features.columns; ++c) out.mean[c] += features(row, c);
    for (double& mean : out.mean) mean /= count;
    for (std::uint32_t row : rows)
        for (std::size_t c = 0; c < features.columns; ++c) {
            const double d = features(row, c) - out.mean[c];
            out.scale[c] += d * d;
        }
    for (std::size_t c = 0; c < features.columns; ++c) {
        const double variance = out.scale[c] / count;
        // scikit-learn's rule: below the rounding error of the mean, a variance is zero.
        constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
        const double bound = count * kEpsilon * variance + std::pow(count * out.mean[c] * kEpsilon, 2);
        const bool constant = variance <= bound;
        out.constantFeatures += constant;
        out.scale[c] = constant ? 1.0 : std::sqrt(variance);
    }
    return out;
}

Matrix Standardizer::transform(const Matrix& features) const {
    Matrix out(features.rows, features.columns);
    for (std::size_t row = 0; row < features.rows; ++row)
        for (std::size_t c = 0; c < features.columns; ++c)
            out(row, c) = static_cast<float>((features(row, c) - mean[c]) / scale[c]);
    return out;
}

}  // namespace driftscope::embed
