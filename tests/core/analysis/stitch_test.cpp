#include "core/cells/analysis/stitch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/base/fingerprint.h"
#include "tests/core/analysis/table_files.h"

namespace driftscope::cells {
namespace {

TEST(StitchJob, JoinsTracksThatWereCutAndNothingElse) {
    const io::Scratch scratch;
    // Ten cells over 30 frames; six are cut at some frame, two frames are lost, and the rest gets a new name.
    const EmbeddingTable whole = test::tableOf(10, 30, 5, [](std::size_t i, std::size_t k, std::span<float> out) {
        for (std::size_t c = 0; c < out.size(); ++c) out[c] = static_cast<float>(randomUnit(5, i, c) - 0.5 + 0.02 * randomUnit(6, i, 10 * k + c));
    });
    std::vector<std::uint32_t> kept;
    std::vector<std::int64_t> names;
    for (std::uint32_t row = 0; row < whole.rows(); ++row) {
        const std::size_t i = row / 30, t = row % 30, cut = 8 + 2 * i;
        if (i < 6 && (t == cut || t == cut + 1)) continue;
        kept.push_back(row);
        names.push_back(static_cast<std::int64_t>(i < 6 && t > cut ? 101 + i : 1 + i));
    }
    EmbeddingTable table(kept.size());
    table.x = Matrix(kept.size(), 5);
    for (std::size_t i = 0; i < kept.size(); ++i) std::ranges::copy(whole.x.row(kept[i]), table.x.row(i).begin());
    for (const char* name : {"t", "y", "x"}) {
        std::vector<double> values;
        for (const std::uint32_t row : kept) values.push_back(columnNumber(*whole.column(name), row));
        ASSERT_TRUE(table.setColumn(name, values));
    }
    ASSERT_TRUE(table.setColumn("fov_name", Categorical::fromTexts(std::vector<std::string>(kept.size(), "A/1/0"))));
    ASSERT_TRUE(table.setColumn("track_id", names));
    ASSERT_TRUE(table.setColumn("parent_track_id", std::vector<std::int64_t>(kept.size(), -1)));
    ASSERT_TRUE(io::writeH5ad(scratch / "table.h5ad", table));
    const auto result = test::runKind("cells.stitch", {{"table", (scratch / "table.h5ad").string()}}, scratch / "out");
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ((*result)["links"], 6);
    EXPECT_EQ((*result)["stitched_tracks"], 10);
    const auto csv = io::readCsv(scratch / "out" / "links.csv").value();
    for (const auto& row : csv.rows) {
        EXPECT_EQ("A/1/0#" + std::to_string(100 + std::stoi(row[0].substr(6))), row[1]);
        EXPECT_EQ(row[csv.find("missing_frames").value()], "2");
    }
    const EmbeddingTable stitched = io::readH5ad(scratch / "out" / "stitched.h5ad").value();
    for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(columnText(*stitched.column("stitched_track"), i), fmt::format("A/1/0#{}", kept[i] / 30 + 1));
    // A shorter gap joins nothing, and neither does a feature distance that no pair meets.
    EXPECT_EQ((*test::runKind("cells.stitch", {{"table", (scratch / "table.h5ad").string()}, {"max_gap", 1}}, scratch / "gap"))["links"], 0);
    EXPECT_EQ((*test::runKind("cells.stitch", {{"table", (scratch / "table.h5ad").string()}, {"max_feature_distance", 0.0}}, scratch / "far"))["links"], 0);
}

TEST(StitchTracks, TakesTheCheapestMatchingOfAll) {
    // Greedy would give the first end its nearest start and leave the second one without.
    Matrix positions(4, 2), features(4, 2);
    positions(0, 0) = 0;
    positions(1, 0) = 8;
    positions(2, 0) = 1;
    positions(3, 0) = -9;
    for (std::size_t i = 0; i < 4; ++i) features(i, 0) = 1;
    std::vector<Trajectory> tracks{{"a", {0}, {0}}, {"b", {1}, {0}}, {"c", {2}, {1}}, {"d", {3}, {1}}};
    const std::vector<std::int32_t> field(4, 0);
    const std::vector<std::uint8_t> none(4, 0);
    const auto links = stitchTracks(tracks, positions, features, field, none, none, {0, 10, 2, 0});
    ASSERT_EQ(links.size(), 2u);
    EXPECT_EQ(links[0].after, 3u);
    EXPECT_EQ(links[1].after, 2u);
    const std::vector<std::int32_t> apart{0, 1, 2, 3};
    EXPECT_TRUE(stitchTracks(tracks, positions, features, apart, none, none, {0, 10, 2, 0}).empty());
}

TEST(LineagePaths, GiveOneCourseForEachLeaf) {
    const std::vector<std::uint32_t> parent{0, 0, 0, 1, 4};
    const auto paths = lineagePaths(parent);
    EXPECT_EQ(paths, (std::vector<std::vector<std::uint32_t>>{{0, 2}, {0, 1, 3}, {4}}));
}

}  // namespace
}  // namespace driftscope::cells
