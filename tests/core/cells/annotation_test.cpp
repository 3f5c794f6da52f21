#include "core/cells/annotation_csv.h"

#include <gmock/gmock.h>

#include "core/base/atomic_file.h"
#include "core/label/label_store.h"
#include "tests/core/cells/movie_files.h"
#include "tests/core/io/scratch.h"

namespace driftscope::cells {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Track 1 in frames 0 … 7, track 2 in frames 2 … 4.
TrackTable smallTracks() {
    TrackTable tracks{"A/1/0", {}, false, {}};
    for (std::int64_t t = 0; t < 8; ++t) tracks.detections.push_back({1, t, 0, 10.5, 20, 100 + t, -1, t ? 99 + t : -1});
    for (std::int64_t t = 2; t < 5; ++t) tracks.detections.push_back({2, t, 0, 30, 40.25, 200 + t, -1, -1});
    return tracks;
}

std::vector<std::string> head(const StateColumns& columns, const std::string& schema, std::size_t count = 8) {
    const auto& all = columns.at(schema);
    return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)};
}

TEST(ExpandMarks, FollowsTheReferenceAnnotator) {
    // Marks as in the reference's test list: mitosis at 1, infected from 3, dead from 6.
    const auto columns = expandMarks(smallTracks(), referenceSchemas(),
                                     {{"cell_division_state", 1, 1, "mitosis"},
                                      {"infection_state", 1, 3, "infected"},
                                      {"infection_state", 1, 5, "infected"},
                                      {"cell_death_state", 1, 6, "dead"}});
    EXPECT_THAT(head(columns, "cell_division_state"),
                ElementsAre("interphase", "mitosis", "interphase", "interphase", "interphase", "interphase", "", ""));
    EXPECT_THAT(head(columns, "infection_state"),
                ElementsAre("uninfected", "uninfected", "uninfected", "infected", "infected", "infected", "", ""));
    EXPECT_THAT(head(columns, "organelle_state"),
                ElementsAre("noremodel", "noremodel", "noremodel", "noremodel", "noremodel", "noremodel", "", ""));
    EXPECT_THAT(head(columns, "cell_death_state"),
                ElementsAre("alive", "alive", "alive", "alive", "alive", "alive", "dead", "dead"));
    // Track 2 has no mark at all.
    for (std::size_t row = 8; row < 11; ++row) {
        EXPECT_EQ(columns.at("cell_division_state")[row], "interphase");
        EXPECT_EQ(columns.at("infection_state")[row], "");
        EXPECT_EQ(columns.at("organelle_state")[row], "noremodel");
        EXPECT_EQ(columns.at("cell_death_state")[row], "");
    }
}

TEST(ExpandMarks, OnsetNeedsTheEventNotTheDefault) {
    const auto columns = expandMarks(smallTracks(), referenceSchemas(),
                                     {{"infection_state", 1, 2, "uninfected"}, {"organelle_state", 2, 3, "remodel"}});
    EXPECT_THAT(head(columns, "infection_state"), ElementsAre("", "", "uninfected", "", "", "", "", ""));
    EXPECT_EQ(columns.at("organelle_state")[8], "noremodel");
    EXPECT_EQ(columns.at("organelle_state")[9], "remodel");
    EXPECT_EQ(columns.at("organelle_state")[10], "remodel");
}

TEST(ExpandMarks, SchemasWithMoreClassesHaveNoDefault) {
    LabelSchema phase{"phase",
                      "Phase",
                      {{"G1", "#E69F00", "1", {}}, {"S", "#56B4E9", "2", {}}, {"M", "#009E73", "3", {}}},
                      "onset",
                      {}};
    auto columns = expandMarks(smallTracks(), {phase}, {{"phase", 1, 2, "S"}, {"phase", 1, 5, "M"}});
    EXPECT_THAT(head(columns, "phase"), ElementsAre("", "", "S", "S", "S", "M", "M", "M"));
    phase.expansion = "frame";
    columns = expandMarks(smallTracks(), {phase}, {{"phase", 1, 2, "S"}});
    EXPECT_THAT(head(columns, "phase"), ElementsAre("", "", "S", "", "", "", "", ""));
}

TEST(AnnotationCsv, HasTheReferencesColumnsAndComesBack) {
    const io::Scratch scratch;
    const auto schemas = referenceSchemas();
    const std::vector<StateMark> marks = {{"cell_division_state", 1, 4, "mitosis"},
                                          {"infection_state", 2, 3, "infected"}};
    const auto table = annotationTable(smallTracks(), schemas, markColumns(smallTracks(), schemas, marks),
                                       {"ada", "2026-01-05T12:00:00.123456", "1.0"});
    EXPECT_THAT(table.header, ElementsAre("fov_name", "track_id", "t", "id", "parent_track_id", "parent_id", "y", "x",
                                          "cell_division_state", "infection_state", "organelle_state",
                                          "cell_death_state", "annotator", "annotation_date", "annotation_version"));
    EXPECT_THAT(table.rows[4], ElementsAre("A/1/0", "1", "4", "104", "-1", "103", "10.5", "20", "mitosis", "", "", "",
                                           "ada", "2026-01-05T12:00:00.123456", "1.0"));
    ASSERT_TRUE(io::writeCsv(scratch / "a.csv", table));
    const auto back = readAnnotations(scratch / "a.csv", {smallTracks()}, schemas);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(back->matched, 11u);
    EXPECT_EQ(back->annotator, "ada");
    EXPECT_THAT(back->warnings, IsEmpty());
    EXPECT_EQ(back->marks.at("A/1/0"), marks);
}

TEST(AnnotationCsv, ForeignColumnsSurviveAndTheVersionCounts) {
    const auto schemas = referenceSchemas();
    auto previous = annotationTable(smallTracks(), schemas, {}, {"ada", "d", "3.2"});
    previous.header.emplace_back("note, with comma");
    for (std::size_t i = 0; i < previous.rows.size(); ++i) previous.rows[i].push_back("n" + std::to_string(i));
    std::swap(previous.rows[0], previous.rows[9]);  // another order, and a row fewer
    previous.rows.erase(previous.rows.begin() + 3);
    const auto table = annotationTable(smallTracks(), schemas, {}, {"bob", "e", "1.0"}, &previous);
    EXPECT_EQ(table.header.back(), "note, with comma");
    EXPECT_EQ(table.rows[0].back(), "n0");
    EXPECT_EQ(table.rows[9].back(), "n9");
    EXPECT_EQ(table.rows[3].back(), "");
    EXPECT_EQ(table.rows[0][table.header.size() - 2], "4.0");
    const io::Scratch scratch;
    ASSERT_TRUE(io::writeCsv(scratch / "a.csv", table));
    EXPECT_EQ(io::readCsv(scratch / "a.csv")->rows, table.rows);
}

Result<ImportedAnnotations> readText(const std::string& text, const std::vector<TrackTable>& fields,
                                     const std::map<std::string, std::string>& columns = {}) {
    const io::Scratch scratch;
    return readAnnotations(scratch.file("labels.csv", text), fields, referenceSchemas(), columns);
}

TEST(AnnotationCsv, JoinsByIdElseByFrameAndTrack) {
    // The id wins over a stale track number; the slash in front does not matter.
    auto read = readText("fov_name,id,track_id,t,infection_state\n/A/1/0,203,77,99,infected\n", {smallTracks()});
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->marks.at("A/1/0"), (std::vector<StateMark>{{"infection_state", 2, 3, "infected"}}));
    read =
        readText("fov_name,track_id,t,infection_state\nA/1/0,2,3.0,infected\nA/1/0,2,9,infected\nB/1/0,2,3,infected\n",
                 {smallTracks()});
    EXPECT_EQ(read->matched, 1u);
    EXPECT_THAT(read->warnings, ElementsAre(HasSubstr("2 of 3 rows belong to no known cell")));
    read =
        readText("track_id,t,infection_state\n2,3,infected\n", {smallTracks()});  // one field of view: no name needed
    EXPECT_EQ(read->matched, 1u);
}

TEST(AnnotationCsv, SharedIdsAreToldApartByPosition) {
    auto tracks = smallTracks();
    tracks.detections[8].id = 101;  // at (30, 40.25), like the detection at (10.5, 20)
    const auto read =
        readText("fov_name,id,y,x,infection_state\nA/1/0,101,33,42,infected\nA/1/0,101,60,60,infected\n", {tracks});
    EXPECT_EQ(read->marks.at("A/1/0"), (std::vector<StateMark>{{"infection_state", 2, 2, "infected"}}));
    EXPECT_EQ(read->matched, 1u);
}

TEST(AnnotationCsv, OtherSpellingsAreMappedUnknownOnesReported) {
    // The public extracted_inf_state.csv: 0 unknown, 1 uninfected, 2 infected; and pandas' floats.
    const auto read = readText(
        "fov_name,id,infection_state,cell_division_state,organelle_state\n"
        "/A/1/0,100,0,0,remodeled\n/A/1/0,101,1,2,\n/A/1/0,102,2.0,unknown,blob\n/A/1/0,103,INFECTED,Metaphase,blob\n",
        {smallTracks()});
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_THAT(read->marks.at("A/1/0"),
                testing::UnorderedElementsAre(
                    StateMark{"cell_division_state", 1, 0, "interphase"}, StateMark{"organelle_state", 1, 0, "remodel"},
                    StateMark{"infection_state", 1, 1, "uninfected"}, StateMark{"cell_division_state", 1, 1, "mitosis"},
                    StateMark{"infection_state", 1, 2, "infected"}, StateMark{"infection_state", 1, 3, "infected"},
                    StateMark{"cell_division_state", 1, 3, "mitosis"}));
    EXPECT_THAT(read->warnings, ElementsAre(AllOf(HasSubstr("2 rows of 'organelle_state'"), HasSubstr("'blob'"))));
}

TEST(AnnotationCsv, ContradictionsAndMissingColumns) {
    const auto read = readText(
        "fov_name,id,infection_state\nA/1/0,100,infected\nA/1/0,100,uninfected\nA/1/0,100,infected\n", {smallTracks()});
    EXPECT_EQ(read->conflicting, 1u);
    EXPECT_EQ(read->marks.at("A/1/0").size(), 1u);
    const auto error = [](const Result<ImportedAnnotations>& result) {
        return result ? std::string() : result.error().text();
    };
    EXPECT_THAT(error(readText("fov_name,infection_state\nA/1/0,infected\n", {smallTracks()})),
                AllOf(HasSubstr("labels.csv"), HasSubstr("'id'")));
    EXPECT_THAT(error(readText("fov_name,id,colour\nA/1/0,1,red\n", {smallTracks()})),
                AllOf(HasSubstr("infection_state"), HasSubstr("colour")));
    EXPECT_THAT(error(readText("fov_name,id,infection_state\nA/1/0,seven,infected\n", {smallTracks()})),
                AllOf(HasSubstr("line 2"), HasSubstr("'seven'")));
    auto second = smallTracks();
    second.fovName = "A/2/0";
    EXPECT_THAT(error(readText("id,infection_state\n100,infected\n", {smallTracks(), second})), HasSubstr("fov_name"));
    const auto renamed =
        readText("fov_name,id,state\nA/1/0,100,infected\n", {smallTracks()}, {{"infection_state", "state"}});
    EXPECT_EQ(renamed->marks.at("A/1/0").size(), 1u);
    EXPECT_THAT(error(readText("fov_name,id,infection_state\n", {smallTracks()}, {{"infection_state", "st"}})),
                HasSubstr("no column 'st'"));
}

TEST(AnnotationCsv, NamesFilesAsTheReference) {
    EXPECT_EQ(annotationFileName("/data/my plate.zarr", "B/4/8"), "my plate_B_4_8.csv");
    EXPECT_EQ(annotationFileName("/data/my plate.zarr/", "/B/4/000001"), "my plate_B_4_000001.csv");
    EXPECT_EQ(entityOf("A/1/0", 17), "A/1/0#17");
    EXPECT_EQ(trackOfEntity("A/1/0#17"), (std::pair<std::string, std::int64_t>("A/1/0", 17)));
    EXPECT_FALSE(trackOfEntity("prompt 3"));
    EXPECT_FALSE(trackOfEntity("A#x"));
}

class LabelJobs : public testing::Test {
  protected:
    std::string plate_ = (kTestCells / "mitocheck_tracks.zarr").string();
    io::Scratch scratch_;
    std::string store_ = (scratch_ / "labels.sqlite").string();
};

TEST_F(LabelJobs, LabelsGoOutAndComeBack) {
    {
        auto store = LabelStore::open(store_).value();
        for (const LabelSchema& schema : referenceSchemas()) ASSERT_TRUE(store->putSchema(schema));
        ASSERT_TRUE(store->apply("cell_division_state",
                                 {{{"mito", "A/1/0#4", 2}, "mitosis"},
                                  {{"mito", "A/1/0#1", 5}, "interphase"},
                                  {{"mito", "A/1/0#999", 5}, "mitosis"}},
                                 "ada"));
        ASSERT_TRUE(store->apply("cell_division_state", {{{"mito", "A/1/0#1", 6}, "mitosis"}}, "model", "predicted"));
    }
    const auto exported =
        runCellJob("label.export", {{"labels", store_}, {"tracks", plate_}, {"schema", {"cell_division_state"}}},
                   scratch_ / "out");
    ASSERT_TRUE(exported) << exported.error().text();
    EXPECT_EQ((*exported)["labels"], 2);
    const auto file = scratch_ / "out/mitocheck_tracks_A_1_0.csv";
    const auto table = io::readCsv(file).value();
    EXPECT_EQ(table.rows.size(), 585u);
    EXPECT_EQ(table.rows[0][*table.find("annotator")], "ada");
    const std::string other = (scratch_ / "other.sqlite").string();
    const nlohmann::json params = {
        {"csv", {file.string()}}, {"tracks", plate_}, {"labels", other}, {"dataset", "mito"}};
    const auto imported = runCellJob("label.import", params, scratch_ / "in");
    ASSERT_TRUE(imported) << imported.error().text();
    EXPECT_EQ((*imported)["labels"], 2);
    const auto store = LabelStore::openForReading(other).value();
    EXPECT_EQ(store->label("cell_division_state", {"mito", "A/1/0#4", 2}).value(), "mitosis");
    EXPECT_EQ(store->label("cell_division_state", {"mito", "A/1/0#1", 5}).value(), "interphase");
    EXPECT_EQ(store->labels("cell_division_state")->size(), 2u);
}

TEST_F(LabelJobs, ContinuedFilesKeepWhatOthersWrote) {
    {
        auto store = LabelStore::open(store_).value();
        for (const LabelSchema& schema : referenceSchemas()) ASSERT_TRUE(store->putSchema(schema));
        ASSERT_TRUE(store->apply("infection_state", {{{"mito", "A/1/0#4", 2}, "infected"}}, "ada"));
    }
    const nlohmann::json first = {{"labels", store_}, {"tracks", plate_}, {"expand", "reference"}};
    ASSERT_TRUE(runCellJob("label.export", first, scratch_ / "v1"));
    auto table = io::readCsv(scratch_ / "v1/mitocheck_tracks_A_1_0.csv").value();
    table.header.emplace_back("reviewer");
    for (auto& row : table.rows) row.emplace_back("eve");
    ASSERT_TRUE(io::writeCsv(scratch_ / "v1/mitocheck_tracks_A_1_0.csv", table));
    auto second = first;
    second["previous"] = (scratch_ / "v1").string();
    ASSERT_TRUE(runCellJob("label.export", second, scratch_ / "v2"));
    const auto again = io::readCsv(scratch_ / "v2/mitocheck_tracks_A_1_0.csv").value();
    ASSERT_EQ(again.header, table.header);
    for (std::size_t row = 0; row < table.rows.size(); ++row)
        for (std::size_t column = 0; column < table.header.size(); ++column)
            if (table.header[column] == "annotation_version")
                EXPECT_EQ(again.rows[row][column], "2.0");
            else
                ASSERT_EQ(again.rows[row][column], table.rows[row][column]);
}

TEST_F(LabelJobs, WrongInputsAreNamed) {
    const auto error = [&](const std::string& kind, const nlohmann::json& params) {
        std::filesystem::remove_all(scratch_ / "x");
        const auto result = runCellJob(kind, params, scratch_ / "x");
        return result ? std::string() : result.error().text();
    };
    { ASSERT_TRUE(LabelStore::open(store_).value()->putSchema(referenceSchemas().front())); }
    EXPECT_THAT(error("label.export", {{"labels", store_}, {"tracks", plate_}}), HasSubstr("no labels to export"));
    EXPECT_THAT(error("label.export", {{"labels", store_}, {"tracks", plate_}, {"schema", {"mood"}}}),
                AllOf(HasSubstr("'mood'"), HasSubstr("cell_division_state")));
    EXPECT_THAT(error("label.export", {{"labels", (scratch_ / "none.sqlite").string()}, {"tracks", plate_}}),
                HasSubstr("none.sqlite"));
    EXPECT_THAT(error("label.import", {{"csv", {"/nowhere.csv"}}, {"tracks", plate_}, {"labels", store_}}),
                HasSubstr("/nowhere.csv"));
    EXPECT_THAT(
        error("label.import",
              {{"csv", {plate_ + "/A/1/0/tracks.csv"}}, {"tracks", plate_}, {"labels", store_}, {"columns", {"oops"}}}),
        HasSubstr("'oops'"));
}

}  // namespace
}  // namespace driftscope::cells
