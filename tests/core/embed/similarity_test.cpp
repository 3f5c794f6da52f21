#include "core/embed/similarity.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/embed/toy_data.h"

namespace driftscope::embed {
namespace {

Matrix firstRows(const Matrix& all, std::size_t rows) {
    Matrix out(rows, all.columns);
    std::copy_n(all.values.begin(), out.values.size(), out.values.begin());
    return out;
}

/// Turned by an angle in the first two dimensions, scaled and moved.
Matrix turned(const Matrix& x) {
    Matrix out = x;
    const float c = std::cos(0.7F), s = std::sin(0.7F);
    for (std::size_t r = 0; r < x.rows; ++r) {
        out(r, 0) = c * x(r, 0) - s * x(r, 1);
        out(r, 1) = s * x(r, 0) + c * x(r, 1);
        for (float& value : out.row(r)) value = 3 * value + 5;
    }
    return out;
}

/// The definition in feature space: ||X^T Y||_F^2 / (||X^T X||_F ||Y^T Y||_F) of centred sets.
double byDefinition(const Matrix& x, const Matrix& y) {
    const auto cross = [](const Matrix& a, const Matrix& b) {
        double total = 0;
        for (std::size_t i = 0; i < a.columns; ++i)
            for (std::size_t j = 0; j < b.columns; ++j) {
                double meanA = 0, meanB = 0, sum = 0;
                for (std::size_t r = 0; r < a.rows; ++r) meanA += a(r, i), meanB += b(r, j);
                meanA /= static_cast<double>(a.rows), meanB /= static_cast<double>(b.rows);
                for (std::size_t r = 0; r < a.rows; ++r) sum += (a(r, i) - meanA) * (b(r, j) - meanB);
                total += sum * sum;
            }
        return total;
    };
    return cross(x, y) / std::sqrt(cross(x, x) * cross(y, y));
}

TEST(LinearCka, IgnoresRotationScaleAndPlace) {
    const Matrix iris = firstRows(toyData("iris").features, 60);
    const GramMatrix x = GramMatrix::of(iris), y = GramMatrix::of(turned(iris));
    for (const bool debiased : {false, true}) {
        EXPECT_NEAR(linearCka(x, x, debiased), 1, 1e-12);
        EXPECT_NEAR(linearCka(x, y, debiased), 1, 1e-6) << "float32 features";
    }
}

TEST(LinearCka, IsItsDefinition) {
    const Matrix digits = firstRows(toyData("digits").features, 40), iris = firstRows(toyData("iris").features, 40);
    const double value = linearCka(GramMatrix::of(digits), GramMatrix::of(iris), false);
    EXPECT_NEAR(value, byDefinition(digits, iris), 1e-9);
    EXPECT_LT(linearCka(GramMatrix::of(digits), GramMatrix::of(iris), true), value) << "the plain form is biased upwards";
}

TEST(LinearCka, SaysWhenItCannotTell) {
    Matrix flat(6, 3);
    const GramMatrix still = GramMatrix::of(flat), iris = GramMatrix::of(firstRows(toyData("iris").features, 6));
    EXPECT_TRUE(std::isnan(linearCka(still, iris, false)));
    EXPECT_TRUE(std::isnan(linearCka(iris, GramMatrix::of(firstRows(toyData("iris").features, 5)), false)));
    const GramMatrix three = GramMatrix::of(firstRows(toyData("iris").features, 3));
    EXPECT_TRUE(std::isnan(linearCka(three, three, true)));
}

}  // namespace
}  // namespace driftscope::embed
