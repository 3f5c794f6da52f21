#include <gmock/gmock.h>

#include <cstdio>
#include <set>

#include "core/base/atomic_file.h"
#include "core/cells/track_metrics.h"
#include "tests/core/cells/movie_files.h"
#include "tests/core/io/scratch.h"

namespace driftscope::cells {
namespace {

using testing::HasSubstr;

/// Segments and tracks `images`; returns the result of cells.track.
Result<nlohmann::json> track(const std::filesystem::path& images, const std::filesystem::path& out,
                             const nlohmann::json& segment = nlohmann::json::object()) {
    nlohmann::json params = segment;
    params["images"] = images.string();
    DS_TRY(runCellJob("cells.segment", params, out / "segment"));
    return runCellJob("cells.track", {{"images", images.string()}, {"labels", (out / "segment/labels.zarr").string()}},
                      out / "track");
}

/// Every row of the table lies on its own pixel value, and every pixel value has a row.
void expectConsistent(const TrackedMovie& movie) {
    std::set<std::pair<std::int64_t, std::int64_t>> rows, seen;
    for (const Detection& d : movie.tracks.detections) rows.insert({d.t, d.trackId});
    for (std::size_t t = 0; t < movie.masks.size(); ++t)
        for (const std::uint32_t label : movie.masks[t].pixels)
            if (label != 0) seen.insert({static_cast<std::int64_t>(t), label});
    EXPECT_EQ(rows, seen);
}

TEST(MovieJobs, MitocheckAgreesWithTheReferenceTracks) {
    const io::Scratch scratch;
    const auto result = track(kDemoFrames, scratch.path());
    ASSERT_TRUE(result) << result.error().text();
    const auto ours = readTracked(scratch / "track/tracks.zarr", "A/1/0");
    ASSERT_TRUE(ours) << ours.error().text();
    const auto reference = readTracked(kTestCells / "mitocheck_tracks.zarr", "A/1/0").value();
    expectConsistent(*ours);
    const auto agreement = compareTracks(reference.masks, reference.tracks, ours->masks, ours->tracks);
    ASSERT_TRUE(agreement) << agreement.error().text();
    std::printf("mitocheck: %s\n", agreement->text().c_str());
    EXPECT_GE(agreement->detectionRecall(), 0.98);
    EXPECT_GE(agreement->detectionPrecision(),
              0.85);  // the reference leaves out the dim nucleus at the left and border pieces
    EXPECT_GE(agreement->linkRecall(), 0.97);
    EXPECT_GE(agreement->linkPrecision(), 0.97);
    // Seen by eye: three nuclei divide (anaphase in frames 4, 8 and 8). The reference's others are debris and a blob.
    EXPECT_EQ((*result)["divisions"], 3);
    EXPECT_EQ((*result)["cells"], ours->tracks.detections.size());
    std::set<std::int64_t> anaphase;
    for (const Detection& d : ours->tracks.detections)
        if (d.parentTrackId > 0) anaphase.insert(d.parentTrackId * 1000 + d.t);
    EXPECT_TRUE(std::ranges::any_of(anaphase, [](auto v) { return v % 1000 == 4; }));
    EXPECT_TRUE(std::ranges::any_of(anaphase, [](auto v) { return v % 1000 == 8; }));
}

TEST(MovieJobs, MigrationPlateKeepsItsPosition) {
    const io::Scratch scratch;
    const auto result = track(kTestCells / "migration.zarr", scratch.path());
    ASSERT_TRUE(result) << result.error().text();
    const auto ours = readTracked(scratch / "track/tracks.zarr", "B/2/0");
    ASSERT_TRUE(ours) << ours.error().text();
    const auto reference = readTracked(kTestCells / "migration_tracks.zarr", "B/2/0").value();
    expectConsistent(*ours);
    const auto agreement = compareTracks(reference.masks, reference.tracks, ours->masks, ours->tracks).value();
    std::printf("migration: %s\n", agreement.text().c_str());
    EXPECT_GE(agreement.linkRecall(), 0.9);
}

TEST(MovieJobs, OthersLabelsAreLinkedAsTheyAre) {
    const io::Scratch scratch;
    const auto result = runCellJob("cells.track",
                                   {{"images", (kTestCells / "migration.zarr").string()},
                                    {"labels", (kTestCells / "migration_tracks.zarr").string()}},
                                   scratch / "t");
    ASSERT_TRUE(result) << result.error().text();
    const auto ours = readTracked(scratch / "t/tracks.zarr", "B/2/0").value();
    const auto reference = readTracked(kTestCells / "migration_tracks.zarr", "B/2/0").value();
    const auto agreement = compareTracks(reference.masks, reference.tracks, ours.masks, ours.tracks).value();
    std::printf("migration, their masks: %s\n", agreement.text().c_str());
    EXPECT_EQ(agreement.matched, agreement.referenceDetections);
    EXPECT_GE(agreement.linkRecall(), 0.95);
}

TEST(MovieJobs, CancelledSegmentationGoesOnToTheSameBytes) {
    const io::Scratch scratch;
    const nlohmann::json params = {{"images", kDemoFrames.string()}};
    ASSERT_TRUE(runCellJob("cells.segment", params, scratch / "whole"));
    std::stop_source stop;
    int frames = 0;
    const auto cancelled =
        runCellJob("cells.segment", params, scratch / "parts", stop.get_token(), [&](const nlohmann::json& event) {
            if (event.dump().find("cells in") != std::string::npos && ++frames == 7) stop.request_stop();
        });
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().code, ErrorCode::Cancelled);
    const auto resumed = runCellJob("cells.segment", params, scratch / "parts");
    ASSERT_TRUE(resumed) << resumed.error().text();
    for (int t = 0; t < 30; ++t) {
        const std::string chunk = "labels.zarr/A/1/0/0/" + std::to_string(t) + "/0/0/0/0";
        EXPECT_EQ(readFile(scratch / ("whole/" + chunk)).value(), readFile(scratch / ("parts/" + chunk)).value()) << t;
    }
    EXPECT_EQ(readTracked(scratch / "parts/labels.zarr", "A/1/0").error().code,
              ErrorCode::NotFound);  // labels are no tracks
}

TEST(MovieJobs, CancelledTrackingGoesOnToTheSameTable) {
    const io::Scratch scratch;
    const nlohmann::json params = {{"images", (kTestCells / "mitocheck.zarr").string()},
                                   {"labels", (kTestCells / "mitocheck_tracks.zarr").string()}};
    ASSERT_TRUE(runCellJob("cells.track", params, scratch / "whole"));
    std::stop_source stop;
    const auto cancelled =
        runCellJob("cells.track", params, scratch / "parts", stop.get_token(), [&](const nlohmann::json& event) {
            if (event.dump().find("tracks in") != std::string::npos) stop.request_stop();  // while masks are written
        });
    ASSERT_FALSE(cancelled);
    const auto resumed = runCellJob("cells.track", params, scratch / "parts");
    ASSERT_TRUE(resumed) << resumed.error().text();
    const char* csv = "tracks.zarr/A/1/0/tracks.csv";
    EXPECT_EQ(readFile(scratch / (std::string("whole/") + csv)).value(),
              readFile(scratch / (std::string("parts/") + csv)).value());
}

TEST(MovieJobs, WrongInputsAreNamed) {
    const io::Scratch scratch;
    const auto error = [&](const std::string& kind, const nlohmann::json& params) {
        std::filesystem::remove_all(scratch / "x");
        const auto result = runCellJob(kind, params, scratch / "x");
        return result ? std::string() : result.error().text();
    };
    const std::string mitocheck = (kTestCells / "mitocheck.zarr").string(),
                      migration = (kTestCells / "migration_tracks.zarr").string();
    EXPECT_THAT(error("cells.segment", {{"images", "/nowhere/at all"}}), HasSubstr("/nowhere/at all"));
    EXPECT_THAT(error("cells.segment", {{"images", mitocheck}, {"channel", "GFP"}}), HasSubstr("no channel 'GFP'"));
    EXPECT_THAT(error("cells.segment", {{"images", mitocheck}, {"z", "3"}}), HasSubstr("no slice '3'"));
    EXPECT_THAT(error("cells.segment", {{"images", mitocheck}, {"positions", {"A/9/9"}}}),
                AllOf(HasSubstr("no position 'A/9/9'"), HasSubstr("A/1/0")));
    EXPECT_THAT(error("cells.track", {{"images", mitocheck}, {"labels", migration}}),
                AllOf(HasSubstr("30 frames"), HasSubstr("48 frames")));
}

TEST(MovieJobs, FoldersMayHaveAnyName) {
    const io::Scratch scratch;
    const auto folder = scratch / "Läufe 細胞 µ";
    std::filesystem::create_directories(folder);
    int copied = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kDemoFrames))
        if (entry.path().string().find("T0000") != std::string::npos && ++copied <= 3)
            std::filesystem::copy(entry.path(), folder / entry.path().filename());
    const auto result = track(folder, scratch / "Ergebnis é", {{"min_area", 30}});
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_GT((*result)["cells"].get<int>(), 30);
}

}  // namespace
}  // namespace driftscope::cells
