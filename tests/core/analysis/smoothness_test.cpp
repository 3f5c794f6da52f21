#include "core/cells/analysis/smoothness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace driftscope::cells {
namespace {

using nlohmann::json;

TEST(Smoothness, EqualsTheReference) {
    std::ifstream file(std::filesystem::path(DRIFTSCOPE_TEST_DATA) / "golden" / "smoothness.json");
    const json golden = json::parse(file);
    ASSERT_EQ(golden["cases"].size(), 3U);
    for (const json& example : golden["cases"]) {
        const int tracks = example["tracks"], frames = example["frames"], columns = example["columns"];
        SCOPED_TRACE(example.dump());
        Matrix features(static_cast<std::size_t>(tracks * frames), static_cast<std::size_t>(columns));
        std::vector<std::int64_t> entity;
        for (int k = 0; k < tracks; ++k) {
            for (int t = 0; t < frames; ++t) {
                for (int i = 0; i < columns; ++i)
                    features(entity.size(), static_cast<std::size_t>(i)) =
                        static_cast<float>(std::sin(0.9 * k + 0.13 * t * (1 + k % 3) + 0.61 * i) + 0.2 * std::cos(1.7 * t + 0.3 * i * i + k));
                entity.push_back(k);
            }
        }
        const Smoothness measured = smoothness(features, entity).value();
        EXPECT_EQ(measured.pairs, example["pairs"].get<std::size_t>());
        EXPECT_NEAR(measured.adjacentMean, example["adjacent_mean"], 1e-6);
        EXPECT_NEAR(measured.randomMean, example["random_mean"], 1e-6);
        EXPECT_NEAR(measured.score, example["score"], 1e-6);
        EXPECT_NEAR(measured.dynamicRange, example["dynamic_range"], 1e-3);
    }
}

TEST(Smoothness, NeedsTracks) {
    EXPECT_FALSE(smoothness(Matrix(3, 2), {0, 1, 2}));
    EXPECT_FALSE(smoothness(Matrix(3, 2), {0, 0}));
}

}  // namespace
}  // namespace driftscope::cells
