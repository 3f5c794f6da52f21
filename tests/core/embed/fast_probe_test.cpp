#include "core/embed/fast_probe.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/base/fingerprint.h"

namespace driftscope::embed {
namespace {

double normal(std::uint64_t stream, std::uint64_t index) {
    return std::sqrt(-2 * std::log(1 - randomUnit(1, stream, 2 * index))) * std::cos(2 * M_PI * randomUnit(1, stream, 2 * index + 1));
}

/// Three Gaussian clouds, `distance` apart along different axes.
Matrix clouds(std::size_t rows, std::size_t columns, double distance) {
    Matrix out(rows, columns);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j)
            out(i, j) = static_cast<float>(normal(0, i * columns + j) + (j == i % 3 ? distance : 0));
    return out;
}

struct Outcome {
    double accuracy = 0;
    double confidence = 0;
};

Outcome learn(std::size_t columns, double distance, std::size_t labels) {
    const Matrix features = clouds(3000, columns, distance);
    const auto probe = FastProbe::make(features).value();
    std::vector<std::uint32_t> rows;
    std::vector<int> classes;
    for (std::uint32_t i = 0; i < labels; ++i) {
        rows.push_back(i);
        classes.push_back(static_cast<int>(i % 3));
    }
    EXPECT_TRUE(probe->fit(rows, classes, 4));
    const Matrix scores = probe->scores();
    Outcome out;
    for (std::size_t i = labels; i < features.rows; ++i) {
        const auto row = scores.row(i);
        const auto best = std::ranges::max_element(row) - row.begin();
        out.accuracy += static_cast<std::size_t>(best) == i % 3;
        out.confidence += row[static_cast<std::size_t>(best)];
        EXPECT_EQ(row[3], 0) << "a class without labels has no probability";
    }
    out.accuracy /= static_cast<double>(features.rows - labels);
    out.confidence /= static_cast<double>(features.rows - labels);
    return out;
}

TEST(FastProbe, SeparatesCloudsFromFewLabels) {
    EXPECT_GT(learn(20, 6, 30).accuracy, 0.95);
    EXPECT_GT(learn(300, 8, 90).accuracy, 0.85) << "wide features are reduced first";
}

TEST(FastProbe, ConfidenceIsWithinTenPointsOfAccuracy) {
    for (double distance : {1.5, 2.5, 5.0}) {
        const Outcome outcome = learn(20, distance, 300);
        EXPECT_NEAR(outcome.confidence, outcome.accuracy, 0.1) << distance;
    }
}

TEST(FastProbe, NamesWhatItCannotUse) {
    Matrix features = clouds(30, 5, 3);
    const auto probe = FastProbe::make(features).value();
    const std::uint32_t rows[] = {0, 3};
    const int classes[] = {1, 1};
    EXPECT_NE(probe->fit(rows, classes, 2).error().message.find("fewer than two classes"), std::string::npos);
    features(7, 2) = std::numeric_limits<float>::quiet_NaN();
    EXPECT_NE(FastProbe::make(features).error().message.find("7"), std::string::npos);
}

}  // namespace
}  // namespace driftscope::embed
