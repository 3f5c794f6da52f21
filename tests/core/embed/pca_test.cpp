#include "core/embed/pca.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/core/embed/toy_data.h"

namespace driftscope::embed {
namespace {

class PcaReference : public testing::TestWithParam<const char*> {};

TEST_P(PcaReference, MatchesScikitLearn) {
    const auto expected = reference("golden/sklearn_reference.json")[GetParam()];
    const ToyData data = toyData(GetParam());
    const std::size_t count = expected["pca_explained_variance_ratio_first10"].size();
    const auto pca = Pca::fit(data.features, {.components = count});
    ASSERT_TRUE(pca) << pca.error().text();
    for (std::size_t i = 0; i < count; ++i)
        EXPECT_NEAR(pca->explainedVarianceRatio[i], expected["pca_explained_variance_ratio_first10"][i].get<double>(), 1e-7);
    for (std::size_t i = 0; i < expected["pca_singular_values_first5"].size(); ++i) {
        const double wanted = expected["pca_singular_values_first5"][i];
        EXPECT_NEAR(pca->singularValues[i], wanted, 1e-6 * wanted);
    }
    const Matrix scores = pca->transform(data.features);
    for (std::size_t row = 0; row < 3; ++row)
        for (std::size_t c = 0; c < 2; ++c) EXPECT_NEAR(std::abs(scores(row, c)), expected["pca2_abs_first3rows"][row][c].get<double>(), 2e-5);
}

TEST_P(PcaReference, LargestScoreOfEachComponentIsPositive) {
    const ToyData data = toyData(GetParam());
    const auto pca = Pca::fit(data.features, {.components = 4});
    ASSERT_TRUE(pca);
    const Matrix scores = pca->transform(data.features);
    for (std::size_t c = 0; c < 4; ++c) {
        float largest = 0;
        for (std::size_t row = 0; row < scores.rows; ++row)
            if (std::abs(scores(row, c)) > std::abs(largest)) largest = scores(row, c);
        EXPECT_GT(largest, 0);
    }
}

INSTANTIATE_TEST_SUITE_P(Toy, PcaReference, testing::Values("iris", "digits"));

TEST(Pca, FewerRowsThanFeaturesGivesTheSameAsManyRows) {
    // Twelve digits repeated: the covariance path and the inner-product path must agree on the axes.
    const ToyData data = toyData("digits");
    Matrix few(12, 64), many(120, 64);
    for (std::size_t i = 0; i < many.values.size(); ++i) many.values[i] = data.features.values[i % few.values.size()];
    std::copy_n(data.features.values.begin(), few.values.size(), few.values.begin());
    const auto a = Pca::fit(few, {.components = 5}), b = Pca::fit(many, {.components = 5});
    ASSERT_TRUE(a && b);
    for (std::size_t i = 0; i < a->axes.size(); ++i) EXPECT_NEAR(a->axes[i], b->axes[i], 1e-9);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(a->singularValues[i] * std::sqrt(10.0), b->singularValues[i], 1e-8 * b->singularValues[i]);
}

TEST(Pca, StandardisingIgnoresUnitsAndConstantFeatures) {
    const ToyData data = toyData("iris");
    Matrix scaled(data.features.rows, 5);
    for (std::size_t row = 0; row < scaled.rows; ++row) {
        for (std::size_t c = 0; c < 4; ++c) scaled(row, c) = data.features(row, c) * (c == 1 ? 1000.0f : 1.0f);
        scaled(row, 4) = 7;
    }
    const auto plain = Pca::fit(data.features, {.components = 2, .standardize = true});
    const auto other = Pca::fit(scaled, {.components = 2, .standardize = true});
    ASSERT_TRUE(plain && other);
    EXPECT_EQ(other->input.constantFeatures, 1u);
    EXPECT_NEAR(plain->explainedVarianceRatio[0], 0.7296244541, 1e-5);  // scikit-learn, iris standardised
    EXPECT_NEAR(plain->explainedVarianceRatio[0], other->explainedVarianceRatio[0], 1e-6);
}

TEST(Pca, NamesTheRowThatIsNotFinite) {
    ToyData data = toyData("iris");
    data.features(17, 2) = std::numeric_limits<float>::quiet_NaN();
    data.features(40, 0) = std::numeric_limits<float>::infinity();
    const auto pca = Pca::fit(data.features, {});
    ASSERT_FALSE(pca);
    EXPECT_EQ(pca.error().code, ErrorCode::BadInput);
    EXPECT_NE(pca.error().text().find("row 17, column 2; 2 of 150"), std::string::npos) << pca.error().text();
}

TEST(Pca, RefusesMoreComponentsThanThereAre) {
    const auto pca = Pca::fit(toyData("iris").features, {.components = 5});
    ASSERT_FALSE(pca);
    EXPECT_NE(pca.error().text().find("1 to 4"), std::string::npos);
}

}  // namespace
}  // namespace driftscope::embed
