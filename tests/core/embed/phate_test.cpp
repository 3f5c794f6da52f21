#include "core/embed/phate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/embed/quality.h"
#include "core/embed/workers.h"
#include "tests/core/embed/toy_data.h"

namespace driftscope::embed {
namespace {

using Dense = std::vector<std::vector<double>>;

double distance(const Matrix& rows, std::size_t i, std::size_t j) {
    double sum = 0;
    for (std::size_t c = 0; c < rows.columns; ++c) sum += std::pow(static_cast<double>(rows(i, c)) - rows(j, c), 2);
    return std::sqrt(sum);
}

/// The kernel of the paper over all pairs.
Dense kernelByHand(const Matrix& rows, std::size_t k, double decay) {
    const std::size_t n = rows.rows;
    Dense directed(n, std::vector<double>(n)), kernel = directed;
    for (std::size_t i = 0; i < n; ++i) {
        std::vector<double> all;
        for (std::size_t j = 0; j < n; ++j) all.push_back(distance(rows, i, j));
        std::vector<double> sorted = all;
        std::ranges::sort(sorted);
        for (std::size_t j = 0; j < n; ++j) {
            directed[i][j] = std::exp(-std::pow(all[j] / sorted[k], decay));
            if (directed[i][j] < 1e-4) directed[i][j] = 0;
        }
    }
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) kernel[i][j] = (directed[i][j] + directed[j][i]) / 2;
    return kernel;
}

Dense times(const Dense& a, const Dense& b) {
    Dense out(a.size(), std::vector<double>(a.size()));
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t k = 0; k < a.size(); ++k)
            for (std::size_t j = 0; j < a.size(); ++j) out[i][j] += a[i][k] * b[k][j];
    return out;
}

/// Distances between rows of -log(P^t), with P^t by repeated multiplication.
Dense potentialByHand(const Dense& kernel, std::size_t time) {
    const std::size_t n = kernel.size();
    Dense step = kernel, power, out(n, std::vector<double>(n));
    for (auto& row : step) {
        double sum = 0;
        for (const double value : row) sum += value;
        for (double& value : row) value /= sum;
    }
    power = step;
    for (std::size_t i = 1; i < time; ++i) power = times(power, step);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            double sum = 0;
            for (std::size_t k = 0; k < n; ++k) sum += std::pow(std::log(power[i][k] + 1e-7) - std::log(power[j][k] + 1e-7), 2);
            out[i][j] = std::sqrt(sum);
        }
    return out;
}

TEST(Phate, KernelAndPotentialEqualTheDenseComputation) {
    const Matrix rows = branchingWalks(150, 10, 3, 3, 5);
    Workers workers(2);
    for (const double decay : {40.0, 2.0}) {  // the second reaches beyond every neighbour list
        PhateOptions options;
        options.decay = decay;
        options.time = 6;
        const Dense byHand = kernelByHand(rows, 5, decay);
        const SparseKernel kernel = alphaDecayKernel(rows, options, workers).value();
        std::size_t entries = 0;
        for (std::size_t i = 0; i < rows.rows; ++i) {
            for (std::size_t at = kernel.starts[i]; at < kernel.starts[i + 1]; ++at) EXPECT_NEAR(kernel.weights[at], byHand[i][kernel.targets[at]], 1e-4);
            for (const double value : byHand[i]) entries += value > 0;
        }
        // A pair whose kernel is at the threshold may fall to either side in float distances.
        EXPECT_NEAR(static_cast<double>(kernel.targets.size()), static_cast<double>(entries), 4);
        const Dense wanted = potentialByHand(byHand, 6);
        const PhatePotential potential = phatePotential(rows, options, workers).value();
        ASSERT_EQ(potential.size, rows.rows);
        double worst = 0, largest = 0;
        for (std::size_t i = 0; i < rows.rows; ++i)
            for (std::size_t j = 0; j < rows.rows; ++j) {
                worst = std::max(worst, std::abs(potential.distances[i * rows.rows + j] - wanted[i][j]));
                largest = std::max(largest, wanted[i][j]);
            }
        EXPECT_LT(worst, 1e-3 * largest) << decay;
    }
}

TEST(Phate, PictureIsAStationaryPointOfTheStress) {
    const Matrix rows = branchingWalks(120, 8, 3, 3, 7);
    Workers workers(1);
    const PhatePotential potential = phatePotential(rows, {}, workers).value();
    const ScaledPicture scaled = scaleDistances(potential.distances, potential.size, 2, workers).value();
    const std::size_t n = rows.rows;
    const auto stress = [&](const std::vector<double>& at) {
        double error = 0, squares = 0;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                const double shown = std::hypot(at[2 * i] - at[2 * j], at[2 * i + 1] - at[2 * j + 1]), wanted = potential.distances[i * n + j];
                error += (shown - wanted) * (shown - wanted);
                squares += wanted * wanted;
            }
        return error / squares;
    };
    EXPECT_NEAR(stress(scaled.positions), scaled.stress, 1e-5);
    // Moving any single point never helps by more than the tolerance of the stop.
    double size = 0;
    for (const double value : scaled.positions) size = std::max(size, std::abs(value));
    for (std::size_t k = 0; k < 2 * n; k += 7)
        for (const double step : {-0.02, 0.02}) {
            std::vector<double> moved = scaled.positions;
            moved[k] += step * size;
            EXPECT_GT(stress(moved), scaled.stress * (1 - 1e-3));
        }
}

TEST(Phate, DistancesOfAPlaneAreDrawnExactly) {
    const std::size_t n = 40;
    std::vector<double> distances(n * n);
    const auto x = [](std::size_t i) { return std::cos(static_cast<double>(i * i)) * 3; };
    const auto y = [](std::size_t i) { return std::sin(static_cast<double>(3 * i)); };
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) distances[i * n + j] = std::hypot(x(i) - x(j), y(i) - y(j));
    Workers workers(1);
    const ScaledPicture scaled = scaleDistances(distances, n, 2, workers).value();
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            EXPECT_NEAR(std::hypot(scaled.positions[2 * i] - scaled.positions[2 * j], scaled.positions[2 * i + 1] - scaled.positions[2 * j + 1]), distances[i * n + j], 1e-6);
}

TEST(Phate, KneeLiesWhereTwoLinesMeet) {
    std::vector<double> curve;
    for (int i = 0; i < 50; ++i) curve.push_back(i < 12 ? 24 - 2 * i : 0.02 * (12 - i));
    EXPECT_EQ(kneePoint(curve), 12u);
}

TEST(Phate, LandmarksKeepThePictureAndAnyTeamGivesTheSameBytes) {
    const Matrix rows = branchingWalks(500, 12, 4, 3, 3);
    Workers one(1), three(3);
    PhateOptions options;
    options.landmarks = 120;
    const Phate grouped = phate(rows, options, one).value();
    EXPECT_LE(grouped.landmarks, 120u);
    EXPECT_GT(grouped.landmarks, 100u);
    EXPECT_EQ(phate(rows, options, three).value().picture.values, grouped.picture.values);
    const Phate exact = phate(rows, {}, one).value();
    EXPECT_EQ(exact.landmarks, 500u);
    const double trustExact = trustworthiness(rows, exact.picture, 10, Metric::Euclidean, 0, one).value();
    const double trustGrouped = trustworthiness(rows, grouped.picture, 10, Metric::Euclidean, 0, one).value();
    EXPECT_GT(trustExact, 0.9);
    EXPECT_GT(trustGrouped, trustExact - 0.05);
}

TEST(Phate, SaysWhatIsWrong) {
    Workers workers(1);
    EXPECT_FALSE(phate(Matrix(4, 2), {}, workers));
    PhateOptions bad;
    bad.components = 0;
    EXPECT_FALSE(phate(branchingWalks(60, 4, 2, 2, 1), bad, workers));
    // Copies of one row have no width of their own; they fall together instead of becoming NaN.
    Matrix copies(30, 3);
    for (std::size_t i = 0; i < 30; ++i) copies(i, 0) = i < 15 ? 0.0f : 1.0f;
    const Phate made = phate(copies, {}, workers).value();
    for (const float value : made.picture.values) EXPECT_TRUE(std::isfinite(value));
}

}  // namespace
}  // namespace driftscope::embed
