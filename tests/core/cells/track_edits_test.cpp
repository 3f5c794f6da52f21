#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "core/cells/edited_masks.h"
#include "core/cells/lineage.h"
#include "core/cells/track_edit_log.h"
#include "tests/core/cells/movie_files.h"
#include "tests/core/io/scratch.h"

namespace driftscope::cells {
namespace {

using Kind = TrackEdit::Kind;

/// Track 1 lives in frames 0-9 and divides into 2 and 3 (10-19); 4 lives alone in 5-12.
TrackTable family() {
    TrackTable out{"A/1/0", {}, false, {}};
    std::int64_t id = 0;
    const auto add = [&](std::int64_t track, std::int64_t first, std::int64_t last, std::int64_t parent, double x) {
        for (std::int64_t t = first; t <= last; ++t) out.detections.push_back({track, t, 0, 10, x + static_cast<double>(t), ++id, parent, -1});
    };
    add(1, 0, 9, -1, 10);
    add(2, 10, 19, 1, 10);
    add(3, 10, 19, 1, 14);
    add(4, 5, 12, -1, 60);
    return out;
}

std::set<std::int64_t> framesOf(const EditedTracks& tracks, std::int64_t track) {
    std::set<std::int64_t> out;
    for (const Detection& d : tracks.tracks().detections)
        if (d.trackId == track) out.insert(d.t);
    return out;
}
std::int64_t parentOf(const EditedTracks& tracks, std::int64_t track) {
    for (const Detection& d : tracks.tracks().detections)
        if (d.trackId == track) return d.parentTrackId;
    return -2;
}
Result<void> edit(EditedTracks& tracks, Kind kind, std::int64_t track, std::int64_t other = -1, std::int64_t t = 0) {
    return tracks.apply({kind, "A/1/0", track, other, t, {}});
}

TEST(TrackEdits, ACutMovesTheDaughtersToTheRest) {
    EditedTracks tracks(family());
    ASSERT_EQ(tracks.freeTrackId(), 5);
    ASSERT_TRUE(edit(tracks, Kind::Split, 1, 5, 4));
    EXPECT_EQ(framesOf(tracks, 1), (std::set<std::int64_t>{0, 1, 2, 3}));
    EXPECT_EQ(framesOf(tracks, 5), (std::set<std::int64_t>{4, 5, 6, 7, 8, 9}));
    EXPECT_EQ(parentOf(tracks, 5), -1);
    EXPECT_EQ(parentOf(tracks, 2), 5);
    EXPECT_EQ(parentOf(tracks, 3), 5);
    EXPECT_EQ(tracks.freeTrackId(), 6);
    EXPECT_FALSE(edit(tracks, Kind::Split, 1, 7, 0)) << "nothing lies before the first frame";
    EXPECT_FALSE(edit(tracks, Kind::Split, 1, 2, 2)) << "that track exists";
    EXPECT_FALSE(edit(tracks, Kind::Split, 99, 7, 2));
    EXPECT_TRUE(Lineages::make(tracks.tracks().detections));
}

TEST(TrackEdits, JoiningUndoesACutExactly) {
    EditedTracks tracks(family());
    EditedTracks untouched(family());
    ASSERT_TRUE(edit(untouched, Kind::Reparent, 2, 1));  // no change, but links detections
    ASSERT_TRUE(edit(tracks, Kind::Split, 1, 5, 4));
    ASSERT_TRUE(edit(tracks, Kind::Merge, 1, 5));
    EXPECT_EQ(tracks.tracks().detections, untouched.tracks().detections);
    const auto refused = edit(tracks, Kind::Merge, 1, 4);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("frame 5"), std::string::npos) << refused.error().text();
}

TEST(TrackEdits, AJoinedDaughterEndsTheDivision) {
    EditedTracks tracks(family());
    ASSERT_TRUE(edit(tracks, Kind::Merge, 1, 2));  // there was no division: 2 is 1 going on
    EXPECT_EQ(framesOf(tracks, 1).size(), 20u);
    EXPECT_EQ(parentOf(tracks, 1), -1);
    EXPECT_EQ(parentOf(tracks, 3), -1) << "1 lives on while 3 begins";
}

TEST(TrackEdits, MothersMustHaveEnded) {
    EditedTracks tracks(family());
    EXPECT_FALSE(edit(tracks, Kind::Reparent, 3, 4)) << "4 lives until frame 12";
    ASSERT_TRUE(edit(tracks, Kind::Split, 4, 5, 9));
    ASSERT_TRUE(edit(tracks, Kind::Reparent, 3, 4));
    EXPECT_EQ(parentOf(tracks, 3), 4);
    ASSERT_TRUE(edit(tracks, Kind::Reparent, 3, -1));
    EXPECT_EQ(parentOf(tracks, 3), -1);
    EXPECT_FALSE(edit(tracks, Kind::Reparent, 1, 2)) << "no cycles: a daughter begins after her mother";
}

TEST(TrackEdits, DeletedCellsAndTracksLeaveTheirNeighboursConsistent) {
    EditedTracks tracks(family());
    ASSERT_TRUE(edit(tracks, Kind::DeleteCell, 4, -1, 8));
    EXPECT_FALSE(framesOf(tracks, 4).contains(8));
    EXPECT_FALSE(edit(tracks, Kind::DeleteCell, 4, -1, 8));
    ASSERT_TRUE(edit(tracks, Kind::DeleteTrack, 1));
    EXPECT_EQ(parentOf(tracks, 2), -1);
    EXPECT_EQ(tracks.tracks().detections.size(), tracks.sources().size());
    for (std::size_t i = 0; i < tracks.sources().size(); ++i)
        EXPECT_EQ(family().detections[*tracks.sources()[i]].id, tracks.tracks().detections[i].id) << "every row still knows its source";
}

TEST(TrackEdits, LinkingAgainJoinsWhatIsNearButNotWhatWasCut) {
    EditedTracks tracks(family());
    ASSERT_TRUE(edit(tracks, Kind::DeleteCell, 4, -1, 8));
    ASSERT_TRUE(edit(tracks, Kind::Split, 4, 5, 9));   // across the gap
    ASSERT_TRUE(edit(tracks, Kind::Split, 1, 6, 4));
    ASSERT_TRUE(edit(tracks, Kind::Reparent, 2, -1));
    ASSERT_TRUE(edit(tracks, Kind::Reparent, 3, -1));
    const auto links = suggestLinks(tracks, {.maxDistance = 10, .gapFrames = 1});
    ASSERT_EQ(links.size(), 1u) << "both cuts were made by a person; only the end of 6 and the start of 2 remain";
    EXPECT_EQ(links[0].track, 6);
    EXPECT_EQ(links[0].other, 2);
    EXPECT_TRUE(suggestLinks(tracks, {.maxDistance = 0.1, .gapFrames = 1}).empty());
    ASSERT_TRUE(tracks.apply(links[0]));
}

TEST(TrackEdits, ChainsOfLinksNameTracksAsTheyAreThen) {
    TrackTable pieces{"A/1/0", {}, false, {}};
    for (std::int64_t t = 0; t < 9; ++t) pieces.detections.push_back({9 - t / 3, t, 0, 10, 10, t + 1, -1, -1});  // tracks 9, 8, 7
    EditedTracks tracks(pieces);
    for (const TrackEdit& link : suggestLinks(tracks, {})) {
        const auto done = tracks.apply(link);
        ASSERT_TRUE(done) << done.error().text();
    }
    EXPECT_EQ(framesOf(tracks, 9).size(), 9u);
}

CellPatch square(int top, int left, int side) {
    return {top, left, side, side, std::vector<bool>(static_cast<std::size_t>(side * side), true)};
}

TEST(TrackEdits, EditsSurviveJson) {
    CellPatch ring = square(3, 4, 5);
    ring.inside[12] = false;
    for (const TrackEdit& one : {TrackEdit{Kind::Split, "A/1/0", 1, 5, 4, {}}, TrackEdit{Kind::Repaint, "B/2/1", 7, -1, 3, ring}}) {
        const auto again = TrackEdit::fromJson(one.toJson());
        ASSERT_TRUE(again) << again.error().text();
        EXPECT_EQ(*again, one);
    }
    nlohmann::json bad = TrackEdit{Kind::Repaint, "B/2/1", 7, -1, 3, ring}.toJson();
    bad["patch"]["runs"].push_back(1);
    EXPECT_FALSE(TrackEdit::fromJson(bad));
    bad["patch"]["runs"] = {-4, 29};
    EXPECT_FALSE(TrackEdit::fromJson(bad));
    EXPECT_FALSE(TrackEdit::fromJson({{"edit", "explode"}}));
    EXPECT_FALSE(TrackEdit::fromJson({{"edit", "split"}}));
}

TEST(TrackEditLog, UndoAndRedoAreEventsThatSurviveARestart) {
    const io::Scratch scratch;
    const auto file = scratch / "track-edits.jsonl";
    {
        auto log = TrackEditLog::open(file).value();
        ASSERT_TRUE(log.add("plate", {{Kind::Split, "A/1/0", 1, 5, 4, {}}}, "ada"));
        ASSERT_TRUE(log.add("plate", {{Kind::DeleteCell, "A/1/0", 4, -1, 8, {}}, {Kind::DeleteCell, "A/1/0", 4, -1, 9, {}}}, "ada"));
        ASSERT_TRUE(log.add("other", {{Kind::DeleteTrack, "A/1/0", 1, -1, 0, {}}}, "ada"));
        EXPECT_EQ(log.undo("plate", "bob").value().size(), 2u) << "one step";
        EXPECT_FALSE(log.add("plate", {{Kind::DeleteTrack, "A/1/0", 1, -1, 0, {}}}, ""));
    }
    auto log = TrackEditLog::open(file).value();
    EXPECT_EQ(log.standing("plate").size(), 1u);
    EXPECT_EQ(log.standing("plate")[0].annotator, "ada");
    EXPECT_TRUE(log.canRedo("plate"));
    EXPECT_EQ(log.redo("plate", "bob").value().size(), 2u);
    EXPECT_EQ(log.standing("plate").size(), 3u);
    EXPECT_EQ(log.datasets(), (std::vector<std::string>{"other", "plate"}));
    ASSERT_TRUE(log.undo("plate", "bob"));
    ASSERT_TRUE(log.add("plate", {{Kind::Reparent, "A/1/0", 2, -1, 0, {}}}, "bob"));
    EXPECT_FALSE(log.canRedo("plate")) << "a new edit forgets what could be redone";
    // A process killed while it wrote.
    { std::ofstream(file, std::ios::app) << R"({"action":"edit","fov":"A/1)"; }
    const auto torn = TrackEditLog::open(file);
    ASSERT_TRUE(torn) << torn.error().text();
    EXPECT_EQ(torn->standing("plate").size(), 2u);
    { std::ofstream(file, std::ios::app) << "not json\n"; }
    const auto broken = TrackEditLog::open(file);
    ASSERT_FALSE(broken);
    EXPECT_NE(broken.error().text().find("line 9"), std::string::npos) << broken.error().text();
}

TEST(TrackEditLog, TheJobWritesMasksAndTablesThatAgree) {
    const io::Scratch scratch;
    const auto plate = kTestCells / "mitocheck_tracks.zarr";
    const auto before = readTracked(plate, "A/1/0").value();
    // A track long enough to cut, and a background pixel to paint on.
    const Lineages lineages = Lineages::make(before.tracks.detections).value();
    const auto longest = std::ranges::max_element(lineages.tracks(), {}, [](const auto& entry) { return entry.second.rows.size(); })->second;
    const std::int64_t cut = longest.firstFrame + 3;
    EditedTracks tracks(before.tracks);
    const std::int64_t fresh = tracks.freeTrackId();
    auto log = TrackEditLog::open(scratch / "edits.jsonl").value();
    const auto& mask = before.masks[0];
    int y = 0, x = 0;
    const auto empty = [&] {
        for (int dy = 0; dy < 3; ++dy)
            for (int dx = 0; dx < 3; ++dx)
                if (mask.at(y + dy, x + dx) != 0) return false;
        return true;
    };
    while (!empty()) x + 4 < mask.width ? ++x : (x = 0, ++y);
    ASSERT_TRUE(log.add("mitocheck", {{Kind::Split, "A/1/0", longest.trackId, fresh, cut, {}}, {Kind::Repaint, "A/1/0", fresh + 1, -1, 0, square(y, x, 3)}}, "ada"));
    const auto result = runCellJob("cells.edit_tracks", {{"tracks", plate.string()}, {"edits", (scratch / "edits.jsonl").string()}}, scratch / "out");
    ASSERT_TRUE(result) << result.error().text();
    const auto after = readTracked(scratch / "out/tracks.zarr", "A/1/0").value();
    ASSERT_EQ(after.tracks.detections.size(), before.tracks.detections.size() + 1);
    std::set<std::pair<std::int64_t, std::int64_t>> rows, seen;
    for (const Detection& d : after.tracks.detections) rows.insert({d.t, d.trackId});
    for (std::size_t t = 0; t < after.masks.size(); ++t)
        for (const std::uint32_t label : after.masks[t].pixels)
            if (label != 0) seen.insert({static_cast<std::int64_t>(t), label});
    EXPECT_EQ(rows, seen) << "every row lies on its own pixel value, and every pixel value has a row";
    EXPECT_TRUE(rows.contains({cut, fresh}));
    EXPECT_FALSE(rows.contains({cut, longest.trackId}));
    EXPECT_EQ(after.masks[0].at(y + 1, x + 1), static_cast<std::uint32_t>(fresh + 1));
    EXPECT_FALSE(runCellJob("cells.edit_tracks", {{"tracks", plate.string()}, {"edits", (scratch / "edits.jsonl").string()}, {"dataset", "other"}}, scratch / "no"));
}

}  // namespace
}  // namespace driftscope::cells
