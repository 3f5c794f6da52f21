#include "core/cells/analysis/cell_features.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/analysis/table_files.h"

namespace driftscope::cells {
namespace {

double feature(const FeatureRow& row, const std::vector<std::string>& names, const std::string& name) {
    return row[static_cast<std::size_t>(std::ranges::find(names, name) - names.begin())];
}

ObjectPixels rectangle(int height, int width) {
    ObjectPixels out;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            out.y.push_back(y + 3);
            out.x.push_back(x + 5);
        }
    return out;
}

TEST(ShapeFeatures, OfARectangleAreKnown) {
    const FeatureRow row = shapeFeatures(rectangle(6, 10));
    const auto of = [&](const char* name) { return feature(row, shapeNames(), name); };
    EXPECT_DOUBLE_EQ(of("area"), 60);
    EXPECT_DOUBLE_EQ(of("extent"), 1);
    EXPECT_DOUBLE_EQ(of("solidity"), 1);
    EXPECT_NEAR(of("perimeter"), 28, 1e-9);  // through the middle of the border's pixels: 2 (5 + 9)
    // The variance of n points one apart is (n^2 - 1) / 12.
    EXPECT_NEAR(of("major_axis"), 4 * std::sqrt(99.0 / 12), 1e-9);
    EXPECT_NEAR(of("minor_axis"), 4 * std::sqrt(35.0 / 12), 1e-9);
    EXPECT_NEAR(of("eccentricity"), std::sqrt(1 - 35.0 / 99), 1e-9);
    EXPECT_DOUBLE_EQ(shapeFeatures(rectangle(1, 1))[0], 1);
    for (const double value : shapeFeatures(rectangle(1, 1))) EXPECT_TRUE(std::isfinite(value));
}

TEST(ShapeFeatures, OfADiskComeNearTheCircle) {
    ObjectPixels disk;
    for (int y = -20; y <= 20; ++y)
        for (int x = -20; x <= 20; ++x)
            if (x * x + y * y <= 400) {
                disk.y.push_back(y + 30);
                disk.x.push_back(x + 30);
            }
    const FeatureRow row = shapeFeatures(disk);
    EXPECT_NEAR(feature(row, shapeNames(), "perimeter"), 131.88225099390857, 1e-9);  // scikit-image 0.19
    EXPECT_NEAR(feature(row, shapeNames(), "major_axis"), 40, 0.3);
    EXPECT_NEAR(feature(row, shapeNames(), "solidity"), 0.963, 0.01);  // scikit-image, which leaves the corners out
    EXPECT_LT(feature(row, shapeNames(), "eccentricity"), 0.02);
}

TEST(IntensityFeatures, OfARampAreKnown) {
    const ObjectPixels object = rectangle(4, 5);
    io::FloatImage image(20, 20);
    for (int y = 0; y < 20; ++y)
        for (int x = 0; x < 20; ++x) image.at(y, x) = static_cast<float>(x - 5);
    const FeatureRow row = intensityFeatures(object, image);
    EXPECT_DOUBLE_EQ(feature(row, intensityNames(), "mean"), 2);
    EXPECT_NEAR(feature(row, intensityNames(), "sd"), std::sqrt(2), 1e-12);
    EXPECT_DOUBLE_EQ(feature(row, intensityNames(), "sum"), 40);
    EXPECT_NEAR(feature(row, intensityNames(), "entropy"), std::log2(5), 1e-12);
    EXPECT_NEAR(feature(row, intensityNames(), "centre_shift"), 1 / std::sqrt(20 / M_PI), 1e-9);  // weights 0 … 4: centre at 3
    image.at(3, 5) = std::numeric_limits<float>::infinity();
    for (const double value : intensityFeatures(object, image)) EXPECT_TRUE(std::isfinite(value));
}

TEST(TextureFeatures, OfStripesAndOfNothingAreKnown) {
    const ObjectPixels object = rectangle(6, 6);
    io::FloatImage stripes(20, 20);
    for (int y = 0; y < 20; ++y)
        for (int x = 0; x < 20; ++x) stripes.at(y, x) = static_cast<float>(x % 2);
    std::vector<int> levels;
    for (std::size_t i = 0; i < object.x.size(); ++i) levels.push_back(object.x[i] % 2 ? kGreyLevels - 1 : 0);
    // Side by side always different, above each other always the same.
    const auto across = coOccurrence(object, levels, 0, 1), down = coOccurrence(object, levels, 1, 0);
    EXPECT_DOUBLE_EQ(across[kGreyLevels - 1], 0.5);
    EXPECT_DOUBLE_EQ(down[0] + down.back(), 1);
    const FeatureRow row = textureFeatures(object, stripes);
    // Three of the four directions step sideways.
    EXPECT_NEAR(feature(row, textureNames(), "contrast"), 0.75 * 31 * 31, 1e-9);
    EXPECT_NEAR(feature(row, textureNames(), "correlation"), (-3.0 + 1) / 4, 1e-9);
    EXPECT_NEAR(feature(row, textureNames(), "glcm_entropy"), 1, 1e-9);
    const FeatureRow flat = textureFeatures(object, io::FloatImage(20, 20, 3.f));
    EXPECT_DOUBLE_EQ(feature(flat, textureNames(), "contrast"), 0);
    EXPECT_DOUBLE_EQ(feature(flat, textureNames(), "energy"), 1);
    for (const double value : flat) EXPECT_TRUE(std::isfinite(value));
}

TEST(MotionFeatures, OfACornerAreKnown) {
    Matrix positions(4, 2);
    const float path[4][2] = {{0, 0}, {0, 3}, {4, 3}, {4, 3}};
    for (std::size_t i = 0; i < 4; ++i)
        for (std::size_t c = 0; c < 2; ++c) positions(i, c) = path[i][c];
    const Trajectory track{"A/1/0#1", {0, 1, 2, 3}, {0, 1, 3, 4}};
    const auto rows = motionFeatures(track, positions);
    EXPECT_TRUE(std::isnan(rows[0][0]));
    EXPECT_DOUBLE_EQ(rows[1][0], 3);
    EXPECT_DOUBLE_EQ(rows[2][0], 2);  // four units in two frames
    EXPECT_DOUBLE_EQ(rows[2][1], 5);
    EXPECT_DOUBLE_EQ(rows[2][2], 7);
    EXPECT_DOUBLE_EQ(rows[2][3], 5.0 / 7);
    EXPECT_NEAR(rows[2][4], M_PI / 2, 1e-12);
    EXPECT_NEAR(rows[2][5], 0, 1e-12);
    EXPECT_DOUBLE_EQ(rows[3][0], 0);  // a cell that stands still does not turn
    EXPECT_TRUE(std::isnan(rows[3][4]));
}

TEST(FeaturesJob, MeasuresTheMitocheckNucleiAndCorrelates) {
    const io::Scratch scratch;
    const std::string images = DRIFTSCOPE_TEST_DATA "/cells/mitocheck.zarr", tracks = DRIFTSCOPE_TEST_DATA "/cells/mitocheck_tracks.zarr";
    const auto measured = test::runKind("cells.features", {{"images", images}, {"tracks", tracks}}, scratch / "measured");
    ASSERT_TRUE(measured) << measured.error().text();
    const EmbeddingTable table = io::readH5ad(scratch / "measured" / "features.h5ad").value();
    EXPECT_EQ((*measured)["cells"], table.rows());
    EXPECT_EQ(table.varNames.size(), table.x.columns);
    EXPECT_EQ((*measured)["absent"], 0);
    // Correlated with an embedding whose first axis is the area.
    EmbeddingTable embedding = table;
    embedding.x = Matrix(table.rows(), 2);
    for (std::size_t row = 0; row < table.rows(); ++row) {
        embedding.x(row, 0) = table.x(row, 0);
        embedding.x(row, 1) = static_cast<float>(row % 7) * 0.01f;
    }
    ASSERT_TRUE(io::writeH5ad(scratch / "embedding.h5ad", embedding));
    const auto both = test::runKind("cells.features", {{"images", images}, {"tracks", tracks}, {"table", (scratch / "embedding.h5ad").string()}, {"standardize", false}}, scratch / "both");
    ASSERT_TRUE(both) << both.error().text();
    const auto csv = io::readCsv(scratch / "both" / "correlation.csv").value();
    EXPECT_EQ(csv.rows[0][0], "PC1");
    EXPECT_EQ(csv.rows[0][1], "shape_area");
    EXPECT_NEAR(std::abs(std::stod(csv.rows[0][2])), 1, 1e-3);  // the second axis turns the first component a little
    EXPECT_FALSE(test::runKind("cells.features", {{"images", images}, {"tracks", tracks}, {"channels", {"nonsense"}}}, scratch / "bad"));
}

}  // namespace
}  // namespace driftscope::cells
