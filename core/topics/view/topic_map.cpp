#include "core/topics/view/topic_map.h"

#include <algorithm>
#include <cmath>

#include "core/embed/linear_algebra.h"
#include "core/topics/measure/topic_distance.h"

namespace driftscope::topics {
namespace {

/// -1/2 J D^2 J with J = I - 1/n: the inner products of centred points with these distances.
std::vector<double> innerProducts(const CostMatrix& distances) {
    const std::size_t n = distances.rows;
    std::vector<double> gram(n * n), means(n, 0.0);
    double mean = 0;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            // Both halves are averaged: rounding must not make the matrix unsymmetric.
            const double square = 0.5 * (distances(i, j) * distances(i, j) + distances(j, i) * distances(j, i));
            gram[i * n + j] = square;
            means[i] += square / static_cast<double>(n);
            mean += square / static_cast<double>(n * n);
        }
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) gram[i * n + j] = -0.5 * (gram[i * n + j] - means[i] - means[j] + mean);
    return gram;
}

std::vector<double> axis(const embed::EigenPairs& pairs, std::size_t which, std::size_t n) {
    std::vector<double> out(n, 0.0);
    if (which >= pairs.values.size() || pairs.values[which] <= 0) return out;
    const double scale = std::sqrt(pairs.values[which]);
    double farthest = 0;
    for (std::size_t i = 0; i < n; ++i) {
        out[i] = scale * pairs.vectors[which * n + i];
        if (std::abs(out[i]) > std::abs(farthest) + 1e-12) farthest = out[i];
    }
    if (farthest < 0)
        for (double& value : out) value = -value;
    return out;
}

}  // namespace

Result<PlaneMap> classicalScaling(const CostMatrix& distances) {
    const std::size_t n = distances.rows;
    if (distances.columns != n) return fail(ErrorCode::BadInput, fmt::format("A matrix of {} x {} is none of distances.", n, distances.columns), "Give the distances of all pairs.");
    if (!std::all_of(distances.values.begin(), distances.values.end(), [](double value) { return std::isfinite(value); }))
        return fail(ErrorCode::Numeric, "A distance is not a finite number.", "Leave the topic without words out.");
    PlaneMap map{std::vector<double>(n, 0.0), std::vector<double>(n, 0.0), 1};
    if (n < 2) return map;
    DS_ASSIGN(const embed::EigenPairs pairs, embed::largestEigenPairs(innerProducts(distances), n, n));
    double positive = 0;
    for (const double value : pairs.values) positive += std::max(value, 0.0);
    if (positive <= 1e-15) return map;
    map.x = axis(pairs, 0, n);
    map.y = axis(pairs, 1, n);
    map.shown = (std::max(pairs.values[0], 0.0) + std::max(pairs.values[1], 0.0)) / positive;
    return map;
}

Result<PlaneMap> mapTopics(const Matrix& beta) {
    return classicalScaling(rowDistances(beta, beta, DistanceKind::JensenShannon));
}

}  // namespace driftscope::topics
