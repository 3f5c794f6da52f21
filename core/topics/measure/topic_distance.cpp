#include "core/topics/measure/topic_distance.h"

#include <algorithm>
#include <cmath>

namespace driftscope::topics {
namespace {

/// Rows divided by their sums; all-zero rows stay zero.
Matrix asDistributions(const Matrix& matrix) {
    Matrix out = matrix;
    for (std::size_t r = 0; r < out.rows; ++r) {
        double sum = 0;
        for (const float value : out.row(r)) sum += value;
        if (sum > 0)
            for (float& value : out.row(r)) value = static_cast<float>(value / sum);
    }
    return out;
}

/// Rows with mean 0 and length 1, so that the dot product is Pearson's r.
Matrix standardised(const Matrix& matrix) {
    Matrix out = matrix;
    for (std::size_t r = 0; r < out.rows; ++r) {
        double mean = 0, square = 0;
        for (const float value : out.row(r)) mean += value;
        mean /= static_cast<double>(out.columns);
        for (const float value : out.row(r)) square += (value - mean) * (value - mean);
        const double scale = square > 0 ? 1 / std::sqrt(square) : 0;
        for (float& value : out.row(r)) value = static_cast<float>((value - mean) * scale);
    }
    return out;
}

double entropy(std::span<const float> row) {
    double sum = 0;
    for (const float p : row)
        if (p > 0) sum -= p * std::log(static_cast<double>(p));
    return sum;
}

double jensenShannon(std::span<const float> a, std::span<const float> b, double entropyA, double entropyB) {
    double mixed = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (const double m = 0.5 * (static_cast<double>(a[i]) + b[i]); m > 0) mixed -= m * std::log(m);
    return std::sqrt(std::max(0.0, mixed - 0.5 * (entropyA + entropyB)));
}

}  // namespace

std::string_view name(DistanceKind kind) {
    return kind == DistanceKind::Rbo ? "rbo" : kind == DistanceKind::JensenShannon ? "js" : "correlation";
}

std::optional<DistanceKind> distanceFromName(std::string_view wanted) {
    for (const DistanceKind kind : {DistanceKind::Rbo, DistanceKind::JensenShannon, DistanceKind::Correlation})
        if (name(kind) == wanted) return kind;
    return std::nullopt;
}

Matrix transposed(const Matrix& matrix) {
    Matrix out(matrix.columns, matrix.rows);
    for (std::size_t r = 0; r < matrix.rows; ++r)
        for (std::size_t c = 0; c < matrix.columns; ++c) out(c, r) = matrix(r, c);
    return out;
}

CostMatrix rankDistances(const std::vector<std::vector<std::uint32_t>>& a, const std::vector<std::vector<std::uint32_t>>& b, OverlapKind kind, double p, std::size_t ids) {
    CostMatrix distances(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t j = 0; j < b.size(); ++j) distances(i, j) = 1 - rankOverlap(a[i], b[j], kind, p, ids);
    return distances;
}

CostMatrix rowDistances(const Matrix& a, const Matrix& b, DistanceKind kind) {
    if (kind == DistanceKind::Rbo) return rankDistances(topWords(a, kListedWords), topWords(b, kListedWords), OverlapKind::Average, 1, a.columns);
    CostMatrix distances(a.rows, b.rows);
    if (kind == DistanceKind::Correlation) {
        const Matrix left = standardised(a), right = standardised(b);
        for (std::size_t i = 0; i < a.rows; ++i)
            for (std::size_t j = 0; j < b.rows; ++j) {
                double dot = 0;
                for (std::size_t c = 0; c < a.columns; ++c) dot += static_cast<double>(left(i, c)) * right(j, c);
                distances(i, j) = std::clamp(1 - dot, 0.0, 2.0);
            }
        return distances;
    }
    const Matrix left = asDistributions(a), right = asDistributions(b);
    std::vector<double> entropies;
    for (std::size_t j = 0; j < right.rows; ++j) entropies.push_back(entropy(right.row(j)));
    for (std::size_t i = 0; i < left.rows; ++i) {
        const double own = entropy(left.row(i));
        for (std::size_t j = 0; j < right.rows; ++j) distances(i, j) = jensenShannon(left.row(i), right.row(j), own, entropies[j]);
    }
    return distances;
}

}  // namespace driftscope::topics
