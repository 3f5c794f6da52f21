#include "core/cells/exchange/track_formats.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/cells/exchange/ctc_write.h"
#include "core/io/hdf5_object.h"
#include "core/io/tiff_write.h"
#include "tests/core/io/scratch.h"

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;
const fs::path kTracks = fs::path(DRIFTSCOPE_TEST_DATA) / "cells" / "tracks";

struct Counts {
    std::size_t cells, tracks, links, divisions;
    bool operator==(const Counts&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Counts& c) {
    return out << c.cells << " cells, " << c.tracks << " tracks, " << c.links << " links, " << c.divisions << " divisions";
}

Counts count(const TrackSet& set) {
    std::set<std::int64_t> tracks;
    for (const Detection& cell : set.tracks.detections) tracks.insert(cell.trackId);
    return {set.tracks.detections.size(), tracks.size(), links(set).size(), divisions(set)};
}

TrackSet read(const fs::path& path, TrackFormat wanted) {
    const auto format = detectTracks(path);
    EXPECT_TRUE(format) << path;
    EXPECT_EQ(format ? trackFormatName(*format) : "", trackFormatName(wanted));
    auto sets = readTrackSets(path);
    EXPECT_TRUE(sets) << sets.error().text();
    return sets ? std::move(sets->front()) : TrackSet();
}

/// The graph without ids: links between (frame, y, x), coordinates in thousandths of a pixel.
using Place = std::array<long, 3>;
std::multiset<std::pair<Place, Place>> shape(const TrackSet& set) {
    std::map<std::int64_t, Place> places;
    for (const Detection& cell : set.tracks.detections) places[cell.id] = {static_cast<long>(cell.t), std::lround(cell.y * 1000), std::lround(cell.x * 1000)};
    std::multiset<std::pair<Place, Place>> result;
    for (const auto& [from, to] : links(set)) result.emplace(places[from], places[to]);
    return result;
}

TEST(TrackFormats, FixturesHaveTheirCounts) {
    EXPECT_EQ(count(read(kTracks / "ecoli.xml", TrackFormat::TrackMate)), (Counts{526, 145, 523, 71}));
    EXPECT_EQ(count(read(kTracks / "ecoli.geff", TrackFormat::Geff)), (Counts{526, 145, 523, 71}));
    EXPECT_EQ(count(read(kTracks / "faketracks.xml", TrackFormat::TrackMate)), (Counts{107, 22, 89, 2}));
    EXPECT_EQ(count(read(kTracks / "faketracks_merges.xml", TrackFormat::TrackMate)), (Counts{243, 21, 230, 3}));
    EXPECT_EQ(count(read(kTracks / "trackmate_dp", TrackFormat::Cmso)), (Counts{243, 22, 229, 3}));
    EXPECT_EQ(count(read(kTracks / "cellprofiler_dp", TrackFormat::Cmso)), (Counts{228, 17, 217, 3}));
    EXPECT_EQ(count(read(kTracks / "cellprofiler_spots.csv", TrackFormat::Table)), (Counts{228, 17, 217, 3}));
    EXPECT_EQ(count(read(kTracks / "icy_dp", TrackFormat::Cmso)), (Counts{6198, 477, 5721, 0}));
    EXPECT_EQ(count(read(kTracks / "btrack/test_data.csv", TrackFormat::BtrackObjects)), (Counts{1399, 7, 1398, 3}));
    const Counts cellmia = count(read(kTracks / "cellmia_tracking.txt", TrackFormat::Table));
    EXPECT_EQ(cellmia.cells, 599u);
    EXPECT_EQ(cellmia.cells, cellmia.links + cellmia.tracks);
    const auto text = readCtcTracks(kTracks / "ecoli_man_track.txt");
    ASSERT_TRUE(text) << text.error().text();
    std::set<std::int64_t> mothers;
    for (const CtcTrack& track : *text)
        if (track.parent > 0) mothers.insert(track.parent);
    EXPECT_EQ(text->size(), 99u);
    EXPECT_EQ(mothers.size(), 47u);
    EXPECT_FALSE(detectTracks(kTracks / "LICENSE.biotracks"));
}

TEST(TrackFormats, BtrackStatesComeAlong) {
    const TrackSet set = read(kTracks / "btrack/test_data.csv", TrackFormat::BtrackObjects);
    const auto column = std::ranges::find(set.columns, "label", &std::pair<std::string, Column>::first);
    ASSERT_NE(column, set.columns.end());
    std::map<std::int64_t, int> states;
    for (const std::int64_t state : std::get<std::vector<std::int64_t>>(column->second)) ++states[state];
    EXPECT_EQ(states, (std::map<std::int64_t, int>{{0, 1336}, {1, 21}, {2, 11}, {3, 31}}));
}

TEST(TrackFormats, TrackMateAndGeffAgreeOnPlaces) {
    TrackSet xml = read(kTracks / "ecoli.xml", TrackFormat::TrackMate), graph = read(kTracks / "ecoli.geff", TrackFormat::Geff);
    EXPECT_FALSE(graph.inPixels);
    EXPECT_EQ(graph.scale.spaceUnit, "micrometer");
    EXPECT_EQ(graph.scale.t, 5);
    EXPECT_NEAR(xml.scale.x, 0.06587, 1e-12);
    EXPECT_EQ(xml.frames, 23);
    EXPECT_EQ(xml.contours.size(), 526u);
    for (Detection& cell : graph.tracks.detections) cell.x /= 0.06587, cell.y /= 0.06587;
    EXPECT_EQ(shape(xml), shape(graph));
}

TEST(TrackFormats, ExportsGiveTheSameGraphAgain) {
    const io::Scratch scratch;
    for (const char* name : {"ecoli.xml", "faketracks.xml", "faketracks_merges.xml", "icy_dp", "cellprofiler_dp"}) {
        const TrackSet set = readTrackSets(kTracks / name)->front();
        const auto target = [&](const char* ending) { return scratch / (std::string(name) + ending); };
        ASSERT_TRUE(writeTrackMate(target(".out.xml"), set));
        EXPECT_EQ(shape(read(target(".out.xml"), TrackFormat::TrackMate)), shape(set)) << name;
        const auto graph = writeGeff(target(".geff"), set);
        ASSERT_TRUE(graph) << graph.error().text();
        const TrackSet back = read(target(".geff"), TrackFormat::Geff);
        EXPECT_EQ(shape(back), shape(set)) << name;
        EXPECT_GE(back.columns.size(), set.columns.size()) << name;
        EXPECT_FALSE(writeGeff(target(".geff"), set));  // never overwritten
        ASSERT_TRUE(writeTrackCsv(target(".csv"), set));
        TrackSet one = set;
        one.furtherLinks.clear();  // what a table cannot hold
        EXPECT_EQ(shape(read(target(".csv"), TrackFormat::Table)), shape(one)) << name;
    }
}

TEST(TrackFormats, ChallengeExportsGiveTheSameGraphAgain) {
    const io::Scratch scratch;
    const TrackSet set = read(kTracks / "ecoli.xml", TrackFormat::TrackMate);
    const auto masks = TrackMasks::make(set, 0, 0, 0, 5);
    ASSERT_TRUE(masks) << masks.error().text();
    const auto written = writeCtc(scratch / "01_RES", set, *masks, [](std::int64_t) { return Result<void>(); });
    ASSERT_TRUE(written) << written.error().text();
    const TrackSet back = read(scratch / "01_RES", TrackFormat::Ctc);
    EXPECT_EQ(count(back), (Counts{526, 145, 523, 71}));
    EXPECT_TRUE(back.tracks.warnings.empty());
    // Labels are the same, so that cells pair up by frame and track; centroids of outlines and of pixels differ little.
    std::map<std::pair<std::int64_t, std::int64_t>, const Detection*> places;
    for (const Detection& cell : set.tracks.detections) places[{cell.t, cell.trackId}] = &cell;
    for (const Detection& cell : back.tracks.detections) {
        const Detection* before = places[{cell.t, cell.trackId}];
        ASSERT_NE(before, nullptr);
        EXPECT_EQ(cell.parentTrackId, before->parentTrackId);
        EXPECT_LT(std::hypot(cell.y - before->y, cell.x - before->x), 2.0);
    }
    EXPECT_FALSE(writeCtc(scratch / "01_RES", set, *masks, [](std::int64_t) { return Result<void>(); }));
}

TEST(TrackFormats, GapsAreSplitForTheChallenge) {
    const io::Scratch scratch;
    TrackSet set;
    set.height = set.width = 40;
    for (const std::int64_t t : {0, 1, 3}) set.tracks.detections.push_back({7, t, 0, 10, 10.0 + static_cast<double>(t), t + 1, -1, -1});
    const auto masks = TrackMasks::make(set, 0, 0, 0, 3).value();
    ASSERT_TRUE(writeCtc(scratch / "r", set, masks, [](std::int64_t) { return Result<void>(); }));
    const auto tracks = readCtcTracks(scratch / "r/res_track.txt").value();
    ASSERT_EQ(tracks.size(), 2u);
    EXPECT_EQ(tracks[0].end, 1);
    EXPECT_EQ(tracks[1].begin, 3);
    EXPECT_EQ(tracks[1].parent, tracks[0].label);
    EXPECT_EQ(shape(read(scratch / "r", TrackFormat::Ctc)), shape(set));
}

TEST(TrackFormats, BtrackHdf5) {
    const io::Scratch scratch;
    const TrackSet csv = read(kTracks / "btrack/test_data.csv", TrackFormat::BtrackObjects);
    const auto path = scratch / "tracks.h5";
    {
        const io::Hdf5Session session;
        const auto root = io::Hdf5Object::createFile(path).value();
        const auto objects = root.createGroup("objects")->createGroup("obj_type_1").value();
        const auto tracks = root.createGroup("tracks")->createGroup("obj_type_1").value();
        std::vector<double> coords, labels;
        const auto& states = std::get<std::vector<std::int64_t>>(csv.columns.back().second);
        std::map<std::int64_t, std::vector<std::int32_t>> rowsOf;
        std::map<std::int64_t, std::int64_t> motherOf;
        for (std::size_t i = 0; i < csv.tracks.detections.size(); ++i) {
            const Detection& cell = csv.tracks.detections[i];
            for (const double value : {static_cast<double>(cell.t), cell.x, cell.y, cell.z, 0.0}) coords.push_back(value);
            labels.push_back(static_cast<double>(states[i]));
            rowsOf[cell.trackId].push_back(static_cast<std::int32_t>(i));
            motherOf[cell.trackId] = cell.parentTrackId < 0 ? cell.trackId : cell.parentTrackId;
        }
        std::vector<std::int32_t> references, map, table;
        for (auto& [track, rows] : rowsOf) {
            map.push_back(static_cast<std::int32_t>(references.size()));
            references.insert(references.end(), rows.begin(), rows.end());
            references.push_back(-1);  // a cell that the tracker made up
            map.push_back(static_cast<std::int32_t>(references.size()));
            for (const std::int64_t value : {track, std::int64_t{0}, std::int64_t{9}, motherOf[track], std::int64_t{1}, std::int64_t{0}}) table.push_back(static_cast<std::int32_t>(value));
        }
        ASSERT_TRUE(objects.writeNumbers<double>("coords", {csv.tracks.detections.size(), 5}, coords));
        ASSERT_TRUE(objects.writeNumbers<double>("labels", {csv.tracks.detections.size(), 1}, labels));
        ASSERT_TRUE(tracks.writeNumbers<std::int32_t>("tracks", {references.size()}, references));
        ASSERT_TRUE(tracks.writeNumbers<std::int32_t>("map", {rowsOf.size(), 2}, map));
        ASSERT_TRUE(tracks.writeNumbers<std::int32_t>("LBEPRG", {rowsOf.size(), 6}, table));
    }
    const TrackSet set = read(path, TrackFormat::BtrackHdf5);
    EXPECT_EQ(count(set), (Counts{1399, 7, 1398, 3}));
    EXPECT_EQ(shape(set).size(), shape(csv).size());
    EXPECT_EQ(set.columns.front().first, "label");
}

TEST(TrackFormats, TablesOfNapariAndBtrack) {
    const io::Scratch scratch;
    const TrackSet napari = read(scratch.file("n.csv", "ID,T,Y,X,area\n1,0,5,6,30\n1,1,5,7,31\n2,1,9,9.5,12\n"), TrackFormat::Table);
    EXPECT_EQ(count(napari), (Counts{3, 2, 1, 0}));
    EXPECT_EQ(napari.tracks.detections[2].x, 9.5);
    EXPECT_EQ(napari.columns.front().first, "area");
    const TrackSet btrack = read(scratch.file("b.csv", "ID t x y z parent root state generation dummy\n1 0 5 6 0 1 1 0 0 False\n1 1 5 6 0 1 1 0 0 True\n1 2 5 6 0 1 1 0 0 False\n2 3 4 6 0 1 1 0 1 False\n3 3 7 6 0 1 1 0 1 False\n"),
                                 TrackFormat::Table);
    EXPECT_EQ(count(btrack), (Counts{4, 3, 3, 1}));
    EXPECT_EQ(btrack.tracks.warnings.size(), 1u);
}

TEST(TrackFormats, HalvesOfCellProfilersColumnsAreNoLinks) {
    const io::Scratch scratch;
    const auto set = readTrackCsv(scratch.file("half.csv", "ImageNumber,ObjectNumber,TrackObjects_Label_1,TrackObjects_ParentObjectNumber_1,X,TrackObjects_TrajectoryX_1,TrackObjects_TrajectoryY_1\n1,1,1,0,5,6,7\n2,1,1,1,5,8,9\n"));
    ASSERT_TRUE(set) << set.error().text();
    EXPECT_EQ(count(*set), (Counts{2, 1, 1, 0}));
    EXPECT_EQ(set->tracks.detections[1].x, 8);
}

TEST(TrackFormats, MasksOfTheChallengeAreChecked) {
    const io::Scratch scratch;
    io::LabelImage image(8, 6);
    image.at(2, 3) = 1;
    image.at(2, 5) = 1;
    image.at(4, 4) = 9;
    fs::create_directories(scratch / "TRA");
    ASSERT_TRUE(io::writeTiffLabels(scratch / "TRA/man_track000.tif", image));
    ASSERT_TRUE(io::writeTiffLabels(scratch / "TRA/man_track002.tif", image));
    scratch.file("TRA/man_track.txt", "1 0 2 0\n4 0 1 0\n");
    const TrackSet set = read(scratch.path(), TrackFormat::Ctc);
    EXPECT_EQ(count(set), (Counts{4, 2, 2, 0}));
    EXPECT_EQ(set.frames, 3);
    EXPECT_EQ(set.tracks.detections.front().x, 4.0);
    EXPECT_EQ(set.tracks.warnings.size(), 2u);  // track 4 is in no mask, label 9 is not listed
    for (const char* bad : {"1 0 2\n", "1 0 2 0 5\n", "0 0 1 0\n", "1 3 2 0\n", "a b c d\n", "1 0 1 0\n1 0 1 0\n"}) {
        scratch.file("TRA/man_track.txt", bad);
        const auto refused = readCtc(scratch.path());
        ASSERT_FALSE(refused) << bad;
        EXPECT_NE(refused.error().message.find("man_track.txt"), std::string::npos);
    }
    ASSERT_TRUE(io::writeTiffLabels(scratch / "TRA/man_track001.tif", io::LabelImage(9, 6)));
    scratch.file("TRA/man_track.txt", "1 0 2 0\n");
    EXPECT_NE(readCtc(scratch.path()).error().message.find("man_track001.tif"), std::string::npos);
}

TEST(TrackFormats, DamageIsNamed) {
    const io::Scratch scratch;
    const auto refused = [&](const std::string& name, std::string_view content, const char* hint) {
        const auto sets = readTrackSets(scratch.file(name, content));
        ASSERT_FALSE(sets) << name;
        EXPECT_NE(sets.error().text().find(name), std::string::npos) << sets.error().text();
        EXPECT_NE(sets.error().text().find(hint), std::string::npos) << sets.error().text();
        EXPECT_FALSE(sets.error().remedy.empty());
    };
    const std::string head = "<TrackMate><Model>", spot = R"(<Spot ID="1" FRAME="0" POSITION_X="1" POSITION_Y="1"/>)";
    refused("a.xml", head + "<Spot", "line 1");
    refused("b.xml", head + R"(<Spot ID="1" FRAME="x" POSITION_X="1" POSITION_Y="1"/></Model></TrackMate>)", "FRAME");
    refused("c.xml", head + R"(<Spot ID="1"/></Model></TrackMate>)", "FRAME");
    refused("d.xml", head + spot + spot + "</Model></TrackMate>", "twice");
    refused("e.xml", head + spot + R"(<Edge SPOT_SOURCE_ID="1" SPOT_TARGET_ID="2"/></Model></TrackMate>)", "cell 2");
    refused("f.xml", head + spot + R"(<Spot ID="2" FRAME="0" POSITION_X="1" POSITION_Y="1"/><Edge SPOT_SOURCE_ID="1" SPOT_TARGET_ID="2"/></Model></TrackMate>)", "forward");
    refused("g.csv", "track_id,t,y,x\n1,0,a,2\n", "'a'");
    refused("h.csv", "track_id,t,y,x\n1,0,1,2\n1,0,1,2\n", "twice");
    refused("i.csv", "track_id,t,y,x,parent_track_id\n1,0,1,2,2\n2,0,1,2,1\n", "circle");
    refused("j.csv", "a,b\n1,2\n", "no tracks");
    refused("k.h5", "\x89HDF\r\n\x1a\n broken", "k.h5");
    EXPECT_EQ(readTrackSets(scratch / "none").error().code, ErrorCode::NotFound);
    const std::string bomb = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]><TrackMate>&c;</TrackMate>";
    scratch.file("bomb.xml", bomb);
    (void)readTrackSets(scratch / "bomb.xml");  // any outcome but a crash
}

}  // namespace
}  // namespace driftscope::cells
