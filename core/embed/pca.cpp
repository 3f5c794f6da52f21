#include "core/embed/pca.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/embed/linear_algebra.h"

namespace driftscope::embed {
namespace {

constexpr std::size_t kBlock = 512;        // rows per BLAS call: 3 MB of doubles at 768 features
constexpr std::size_t kLargest = 20'000;   // side of the dense matrix whose eigenvalues are taken: 3.2 GB

using Rows = std::vector<std::uint32_t>;

Rows spacedRows(std::size_t total, std::size_t wanted) {
    if (wanted == 0 || wanted >= total) wanted = total;
    Rows rows(wanted);
    for (std::size_t i = 0; i < wanted; ++i) rows[i] = static_cast<std::uint32_t>(i * total / wanted);
    return rows;
}

/// Rows [begin, end) of `rows`, centred and scaled, as doubles.
std::vector<double> prepared(const Matrix& features, const Standardizer& input, std::span<const std::uint32_t> rows) {
    std::vector<double> block(rows.size() * features.columns);
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (std::size_t c = 0; c < features.columns; ++c)
            block[i * features.columns + c] = (features(rows[i], c) - input.mean[c]) / input.scale[c];
    return block;
}

Result<EigenPairs> fromCovariance(const Matrix& features, const Standardizer& input, const Rows& rows, std::size_t count, double& total,
                                  const Monitor& monitor) {
    const std::size_t d = features.columns;
    std::vector<double> gram(d * d);
    for (std::size_t begin = 0; begin < rows.size(); begin += kBlock) {
        if (monitor.cancelled()) return Monitor::stopped();
        const std::size_t size = std::min(kBlock, rows.size() - begin);
        addGram(gram, prepared(features, input, std::span(rows).subspan(begin, size)), size, d);
        monitor.report(static_cast<double>(begin + size), static_cast<double>(rows.size()), "PCA");
    }
    for (std::size_t i = 0; i < d; ++i) total += gram[i * d + i];
    return largestEigenPairs(std::move(gram), d, count);
}

/// With fewer rows than features the small side is rows x rows: X X^T u = s^2 u, and the axis is X^T u / s.
Result<EigenPairs> fromInnerProducts(const Matrix& features, const Standardizer& input, const Rows& rows, std::size_t count, double& total) {
    const std::size_t n = rows.size(), d = features.columns;
    const std::vector<double> x = prepared(features, input, rows);
    std::vector<double> inner(n * n);
    multiplyTransposed(x.data(), x.data(), inner.data(), n, d, n);
    for (std::size_t i = 0; i < n; ++i) total += inner[i * n + i];
    DS_ASSIGN(EigenPairs pairs, largestEigenPairs(std::move(inner), n, count));
    EigenPairs out{pairs.values, std::vector<double>(count * d)};
    for (std::size_t k = 0; k < count; ++k) {
        double* axis = out.vectors.data() + k * d;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t c = 0; c < d; ++c) axis[c] += pairs.vectors[k * n + i] * x[i * d + c];
        const double length = std::sqrt(std::inner_product(axis, axis + d, axis, 0.0));
        if (length > 0) std::for_each(axis, axis + d, [length](double& v) { v /= length; });
    }
    return out;
}

void orient(Pca& pca, const Matrix& features, const Rows& rows) {
    const std::size_t k = pca.components;
    std::vector<double> largest(k), scores(kBlock * k);
    for (std::size_t begin = 0; begin < rows.size(); begin += kBlock) {
        const std::size_t size = std::min(kBlock, rows.size() - begin);
        const std::vector<double> block = prepared(features, pca.input, std::span(rows).subspan(begin, size));
        multiplyTransposed(block.data(), pca.axes.data(), scores.data(), size, features.columns, k);
        for (std::size_t i = 0; i < size * k; ++i)
            if (std::abs(scores[i]) > std::abs(largest[i % k])) largest[i % k] = scores[i];
    }
    for (std::size_t i = 0; i < pca.axes.size(); ++i)
        if (largest[i / features.columns] < 0) pca.axes[i] = -pca.axes[i];
}

}  // namespace

Result<Pca> Pca::fit(const Matrix& features, const PcaOptions& options, const Monitor& monitor) {
    DS_TRY(requireFinite(features, "The feature matrix"));
    const Rows rows = spacedRows(features.rows, options.maxRows);
    const std::size_t small = std::min(rows.size(), features.columns);
    if (rows.size() < 2) return fail(ErrorCode::BadInput, "PCA needs at least two rows; the table has one.", "Choose a larger table.");
    if (options.components < 1 || options.components > small)
        return fail(ErrorCode::BadInput,
                    fmt::format("{} components cannot be taken from {} rows x {} features.", options.components, rows.size(), features.columns),
                    fmt::format("Use 1 to {} components.", small));
    if (small > kLargest)
        return fail(ErrorCode::Unsupported, fmt::format("PCA of {} rows x {} features is too large.", rows.size(), features.columns),
                    fmt::format("Reduce the features to at most {}.", kLargest));
    Pca out;
    out.input = Standardizer::fit(features, rows);
    if (!options.standardize) std::fill(out.input.scale.begin(), out.input.scale.end(), 1.0);
    out.components = options.components;
    double total = 0;
    DS_ASSIGN(EigenPairs pairs, features.columns <= rows.size()
                                    ? fromCovariance(features, out.input, rows, options.components, total, monitor)
                                    : fromInnerProducts(features, out.input, rows, options.components, total));
    out.axes = std::move(pairs.vectors);
    for (const double value : pairs.values) {
        const double square = std::max(value, 0.0);
        out.singularValues.push_back(std::sqrt(square));
        out.explainedVariance.push_back(square / static_cast<double>(rows.size() - 1));
        out.explainedVarianceRatio.push_back(total > 0 ? square / total : 0.0);
    }
    orient(out, features, rows);
    return out;
}

Matrix Pca::transform(const Matrix& features) const {
    Matrix out(features.rows, components);
    const Rows rows = spacedRows(features.rows, 0);
    std::vector<double> scores(kBlock * components);
    for (std::size_t begin = 0; begin < features.rows; begin += kBlock) {
        const std::size_t size = std::min(kBlock, features.rows - begin);
        const std::vector<double> block = prepared(features, input, std::span(rows).subspan(begin, size));
        multiplyTransposed(block.data(), axes.data(), scores.data(), size, features.columns, components);
        std::transform(scores.begin(), scores.begin() + static_cast<std::ptrdiff_t>(size * components),
                       out.values.begin() + static_cast<std::ptrdiff_t>(begin * components), [](double v) { return static_cast<float>(v); });
    }
    return out;
}

}  // namespace driftscope::embed
