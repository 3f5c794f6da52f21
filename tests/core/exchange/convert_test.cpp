#include <algorithm>
#include <memory>

#include "core/cells/exchange/exchange_jobs.h"
#include "core/cells/exchange/track_formats.h"
#include "core/io/time_lapse.h"
#include "tests/core/cells/movie_files.h"
#include "tests/core/io/scratch.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;
const std::string kCells = std::string(DRIFTSCOPE_TEST_DATA) + "/cells/";

Result<json> convert(const json& params, const std::filesystem::path& out) {
    JobRegistry registry;
    registerExchangeJobs(registry);
    return runJob(registry, {.kind = "cells.convert", .params = params, .out = out}, {}, {});
}

TEST(Convert, EveryTargetKeepsTheLineage) {
    const io::Scratch scratch;
    for (const char* to : {"tracks-csv", "tracks-plate", "ctc", "trackmate", "geff"}) {
        const auto result = convert({{"input", kCells + "tracks/ecoli.xml"}, {"to", to}}, scratch / to);
        ASSERT_TRUE(result) << to << ": " << result.error().text();
        EXPECT_EQ((*result)["cells"], 526);
        const auto again = convert({{"input", (scratch / to / (*result)["output"].get<std::string>()).string()}, {"to", "geff"}}, scratch / (std::string(to) + "-again"));
        ASSERT_TRUE(again) << to << ": " << again.error().text();
        EXPECT_EQ((*again)["cells"], 526) << to;
        EXPECT_EQ((*again)["links"], 523) << to;
        EXPECT_EQ((*again)["divisions"], 71) << to;
    }
}

TEST(Convert, MasksOfAPlateAreItsOwn) {
    const io::Scratch scratch;
    const auto result = convert({{"input", kCells + "mitocheck_tracks.zarr"}, {"to", "ctc"}}, scratch / "ctc");
    ASSERT_TRUE(result) << result.error().text();
    const auto back = convert({{"input", (scratch / "ctc/01_RES").string()}, {"to", "tracks-plate"}, {"images", kCells + "mitocheck.zarr"}}, scratch / "plate");
    ASSERT_TRUE(back) << back.error().text();
    for (const char* field : {"cells", "tracks", "links", "divisions"}) EXPECT_EQ((*result)[field], (*back)[field]) << field;
    const auto ours = io::openTimeLapse(scratch / "plate/tracks.zarr", "A/1/0").value(), theirs = io::openTimeLapse(kCells + "mitocheck_tracks.zarr").value();
    for (const std::int64_t t : {0, 17, 29}) {
        const auto a = ours->labels(t, 0, 0)->pixels, b = theirs->labels(t, 0, 0)->pixels;
        for (std::size_t i = 0; i < a.size(); ++i) ASSERT_EQ(a[i] == 0, b[i] == 0) << t;
    }
}

TEST(Convert, PhysicalPositionsNeedAPixelSize) {
    const io::Scratch scratch;
    const auto guessed = convert({{"input", kCells + "tracks/ecoli.geff"}, {"to", "tracks-csv"}, {"pixel_size", 0.06587}}, scratch / "a");
    ASSERT_TRUE(guessed) << guessed.error().text();
    const auto largest = [](const TrackSet& set) { return std::ranges::max(set.tracks.detections, {}, &Detection::x).x; };
    EXPECT_NEAR(largest(*readTrackCsv(scratch / "a/tracks.csv")), largest(*readTrackMate(kCells + "tracks/ecoli.xml")), 1e-6);
    const auto masks = convert({{"input", kCells + "tracks/ecoli.geff"}, {"to", "ctc"}}, scratch / "b");
    ASSERT_FALSE(masks);
    EXPECT_NE(masks.error().remedy.find("images"), std::string::npos);
}

TEST(Convert, ImagesBecomePlatesOfEitherVersion) {
    const io::Scratch scratch;
    const auto original = io::openTimeLapse(kCells + "mitocheck.zarr").value();
    for (const char* to : {"ome-zarr-0.4", "ome-zarr-0.5"}) {
        const bool sharded = std::string(to) == "ome-zarr-0.5";
        const auto result = convert({{"input", kCells + "mitocheck.zarr"}, {"to", to}, {"levels", 2}, {"sharded", sharded}}, scratch / to);
        ASSERT_TRUE(result) << result.error().text();
        const auto copy = io::openTimeLapse(scratch / to / "plate.zarr", "A/1/0").value();
        EXPECT_EQ(copy->info().shape, original->info().shape);
        EXPECT_EQ(copy->info().channels[0].name, "H2B");
        EXPECT_EQ(copy->plane(12, 0, 0)->pixels, original->plane(12, 0, 0)->pixels);
        const auto again = convert({{"input", (scratch / to / "plate.zarr").string()}, {"to", "ome-zarr-0.4"}}, scratch / (std::string(to) + "-back"));
        ASSERT_TRUE(again) << again.error().text();
        EXPECT_EQ(io::openTimeLapse(scratch / (std::string(to) + "-back") / "plate.zarr")->get()->plane(29, 0, 0)->pixels, original->plane(29, 0, 0)->pixels);
    }
    EXPECT_FALSE(convert({{"input", kCells + "mitocheck.zarr"}, {"to", "ome-zarr-0.4"}, {"sharded", true}}, scratch / "no"));
    const auto wrong = convert({{"input", kCells + "mitocheck.zarr"}, {"to", "geff"}}, scratch / "images");
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error().remedy.find("ome-zarr"), std::string::npos);
}

}  // namespace
}  // namespace driftscope::cells
