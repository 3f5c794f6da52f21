#include "core/cells/track_table.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/core/io/scratch.h"

namespace driftscope::cells {
namespace {

using testing::HasSubstr;
const std::filesystem::path kCells = std::filesystem::path(DRIFTSCOPE_TEST_DATA) / "cells";

Result<TrackTable> read(const std::string& text, const std::string& file = "tracks.csv") {
    const io::Scratch scratch;
    return readTracks(scratch.file(file, text), "/A/1/0");
}

std::string errorOf(const std::string& text) {
    const auto tracks = read(text);
    return tracks ? "" : tracks.error().text();
}

TEST(TrackTable, ReadsTheMitocheckPlate) {
    const auto csv = findTracksCsv(kCells / "mitocheck_tracks.zarr", "A/1/0");
    ASSERT_TRUE(csv) << csv.error().text();
    const auto tracks = readTracks(*csv, "A/1/0");
    ASSERT_TRUE(tracks) << tracks.error().text();
    EXPECT_EQ(tracks->detections.size(), 585u);
    EXPECT_EQ(tracks->fovName, "A/1/0");
    EXPECT_FALSE(tracks->hasZ);
    EXPECT_EQ(tracks->detections.front(), (Detection{1, 0, 0, 44.967, 36.398, 1, -1, -1}));
    EXPECT_TRUE(tracks->warnings.empty());
}

TEST(TrackTable, WritesWhatItReads) {
    const auto tracks = readTracks(kCells / "mitocheck_tracks.zarr/A/1/0/tracks.csv", "A/1/0").value();
    const io::Scratch scratch;
    ASSERT_TRUE(writeTracks(scratch / "t.csv", tracks));
    EXPECT_EQ(readTracks(scratch / "t.csv", "A/1/0")->detections, tracks.detections);
}

TEST(TrackTable, DepthAndMissingParentsAreOptional) {
    const auto tracks = read("id,x,y,z,t,track_id,note\n7,1.5,2.25,3,0,4,hello\n8,1,2,3.5,1.0,4,\n").value();
    EXPECT_TRUE(tracks.hasZ);
    EXPECT_EQ(tracks.fovName, "A/1/0");
    EXPECT_EQ(tracks.detections[0], (Detection{4, 0, 3, 2.25, 1.5, 7, -1, -1}));
    EXPECT_EQ(tracks.detections[1].z, 3.5);
    const io::Scratch scratch;
    ASSERT_TRUE(writeTracks(scratch / "t.csv", tracks));
    EXPECT_EQ(readTracks(scratch / "t.csv", "A/1/0")->detections, tracks.detections);
}

TEST(TrackTable, ReadsFromFoldersWithAnyName) {
    const io::Scratch scratch;
    const auto folder = scratch / "Zellen für Ánna 細胞";
    std::filesystem::create_directories(folder / "A/1/0");
    ASSERT_TRUE(writeTracks(folder / "A/1/0/Spuren µ.csv", {"A/1/0", {{1, 0, 0, 2, 3, 1, -1, -1}}, false, {}}));
    const auto csv = findTracksCsv(folder, "/A/1/0");
    ASSERT_TRUE(csv) << csv.error().text();
    EXPECT_EQ(readTracks(*csv, "A/1/0")->detections.size(), 1u);
}

TEST(TrackTable, ErrorsNameFileLineAndColumn) {
    EXPECT_THAT(errorOf("track_id,t,y,id\n1,0,2,3\n"),
                AllOf(HasSubstr("tracks.csv"), HasSubstr("no column 'x'"), HasSubstr("track_id, t, y, id")));
    EXPECT_THAT(errorOf("track_id,t,y,x,id\n1,0,2,3,1\n1,1,two,3,2\n"),
                AllOf(HasSubstr("line 3"), HasSubstr("'y'"), HasSubstr("'two' is not a number")));
    EXPECT_THAT(errorOf("track_id,t,y,x,id\n1,0,,3,1\n"), AllOf(HasSubstr("line 2"), HasSubstr("'y'")));
    EXPECT_THAT(errorOf("track_id,t,y,x,id\n1,0,inf,3,1\n"), HasSubstr("not a number"));
    EXPECT_THAT(errorOf("track_id,t,y,x,id\n1,0.5,2,3,1\n"), AllOf(HasSubstr("'t'"), HasSubstr("not a whole number")));
    EXPECT_THAT(errorOf("track_id,t,y,x,id\n-4,0,2,3,1\n"), HasSubstr("track -4"));
    EXPECT_THAT(errorOf("track_id,t,y,x,id\n4,-1,2,3,1\n"), HasSubstr("frame -1"));
}

TEST(TrackTable, OneRowPerTrackAndFrame) {
    EXPECT_THAT(errorOf("track_id,t,y,x,id\n1,0,2,3,1\n2,0,2,3,2\n1,0,5,6,3\n"),
                AllOf(HasSubstr("line 4"), HasSubstr("track 1 is in frame 0 a second time"), HasSubstr("line 2")));
}

TEST(TrackTable, ParentCyclesAreSpelledOut) {
    const std::string header = "track_id,t,y,x,id,parent_track_id,parent_id\n";
    EXPECT_THAT(errorOf(header + "1,0,1,1,1,3,-1\n2,1,1,1,2,1,-1\n3,2,1,1,3,2,-1\n"),
                AllOf(HasSubstr("tracks.csv"), HasSubstr("1 <- 3 <- 2 <- 1")));
    EXPECT_THAT(errorOf(header + "1,0,1,1,1,1,-1\n"), HasSubstr("1 <- 1"));
}

TEST(TrackTable, OdditiesAreCountedNotFatal) {
    const auto tracks = read(
        "track_id,t,y,x,id,parent_track_id\n"
        "0,0,1,1,1,\n"    // track 0, empty parent
        "2,0,1,1,1,-1\n"  // repeated id
        "2,1,1,1,2,nan\n"
        "3,1,1,1,3,2\n"   // begins while its mother still lives
        "4,2,1,1,4,99\n"  // unknown mother
        "4,3,1,1,5,2\n"   // another mother
    );
    ASSERT_TRUE(tracks) << tracks.error().text();
    EXPECT_EQ(tracks->detections.size(), 6u);
    EXPECT_EQ(tracks->warnings.size(), 4u) << ::testing::PrintToString(tracks->warnings);
    EXPECT_THAT(tracks->warnings[0], HasSubstr("1 rows repeat an id"));
}

TEST(TrackTable, FindsTheOneCsvOfAPosition) {
    const io::Scratch scratch;
    std::filesystem::create_directories(scratch / "p.zarr/A/1/0");
    EXPECT_THAT(findTracksCsv(scratch / "p.zarr", "A/1/0").error().text(), HasSubstr("no .csv file"));
    EXPECT_THAT(findTracksCsv(scratch / "p.zarr", "B/1/0").error().text(),
                AllOf(HasSubstr("no position 'B/1/0'"), HasSubstr("p.zarr")));
    scratch.file("p.zarr/A/1/0/a.csv", "");
    scratch.file("p.zarr/A/1/0/b.csv", "");
    EXPECT_THAT(findTracksCsv(scratch / "p.zarr", "A/1/0").error().text(),
                AllOf(HasSubstr("2 CSV files"), HasSubstr("a.csv, b.csv")));
}

TEST(TrackTable, ObsKeepsEveryFieldOfView) {
    const TrackTable first{"A/1/0", {{1, 0, 0, 2, 3, 1, -1, -1}, {1, 1, 0, 2.5, 3, 2, -1, 1}}, false, {}};
    const TrackTable second{"/A/2/0", {{1, 0, 0, 9, 8, 1, -1, -1}}, false, {}};
    const EmbeddingTable obs = toObs({first, second});
    EXPECT_EQ(obs.columnNames(),
              (std::vector<std::string>{"fov_name", "track_id", "t", "id", "parent_track_id", "parent_id", "y", "x"}));
    EXPECT_EQ(obs.texts("fov_name").value()[2], "A/2/0");
    const auto fields = fromObs(obs);
    ASSERT_TRUE(fields) << fields.error().text();
    ASSERT_EQ(fields->size(), 2u);
    EXPECT_EQ((*fields)[0].detections, first.detections);
    EXPECT_EQ((*fields)[1].detections, second.detections);
}

TEST(TrackTable, ObsWithoutTracksIsRefused) {
    EmbeddingTable table(1);
    ASSERT_TRUE(table.setColumn("fov_name", std::vector<std::string>{"A/1/0"}));
    EXPECT_THAT(fromObs(table).error().text(), HasSubstr("track_id"));
}

}  // namespace
}  // namespace driftscope::cells
