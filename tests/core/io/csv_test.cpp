#include "core/io/csv.h"

#include "core/base/atomic_file.h"
#include "tests/core/io/scratch.h"

namespace driftscope::io {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Result<CsvTable> read(const Scratch& scratch, std::string_view text) {
    return readCsv(scratch.file("t.csv", text));
}

TEST(Csv, ReadsQuotesNewLinesCrlfAndBom) {
    const Scratch scratch;
    const auto table = read(scratch, "\xEF\xBB\xBFname,note\r\na,\"x, \"\"y\"\"\nz\"\r\n\r\nb,\r\n");
    ASSERT_TRUE(table) << table.error().text();
    EXPECT_EQ(table->header, (std::vector<std::string>{"name", "note"}));
    EXPECT_EQ(table->rows, (Rows{{"a", "x, \"y\"\nz"}, {"b", ""}}));
    EXPECT_EQ(table->find("note"), 1u);
    EXPECT_FALSE(table->find("Note"));
}

TEST(Csv, RoundTripsAwkwardFields) {
    const Scratch scratch;
    const CsvTable table{{"a"}, {{""}, {"\""}, {"x,y"}, {"line\nbreak\r\n"}, {" blanks "}, {"µm"}}};
    ASSERT_TRUE(writeCsv(scratch / "t.csv", table));
    EXPECT_EQ(readCsv(scratch / "t.csv")->rows, table.rows);
}

TEST(Csv, WritesPlainFieldsUnquoted) {
    const Scratch scratch;
    ASSERT_TRUE(writeCsv(scratch / "t.csv", {{"track_id", "t"}, {{"1", "0"}}}));
    EXPECT_EQ(readFile(scratch / "t.csv").value(), "track_id,t\n1,0\n");
}

TEST(Csv, LastLineNeedsNoEnd) {
    const Scratch scratch;
    EXPECT_EQ(read(scratch, "a,b\n1,2")->rows, (Rows{{"1", "2"}}));
}

TEST(Csv, ErrorsNameLineAndColumn) {
    const Scratch scratch;
    const auto error = [&](std::string_view text) {
        const auto table = read(scratch, text);
        EXPECT_FALSE(table);
        return table ? std::string() : table.error().message;
    };
    const std::string ragged = error("a,b,c\n1,2,3\n\"x\ny\",2,3\n4,5\n");
    EXPECT_NE(ragged.find("line 5: 2 fields"), std::string::npos) << ragged;
    EXPECT_NE(ragged.find("column 'c' is missing"), std::string::npos) << ragged;
    EXPECT_NE(error("a,b\n1,2,3\n").find("3 fields, but the header has 2"), std::string::npos);
    EXPECT_NE(error("a,b\n1,\"2\n3,4\n").find("line 2"), std::string::npos);
    EXPECT_NE(error("a,b\n1,\"2\"x\n").find("follows a closing quote"), std::string::npos);
    EXPECT_NE(error("a,b,a\n").find("'a' twice"), std::string::npos);
    EXPECT_NE(error("\n\n").find("no header"), std::string::npos);
    EXPECT_NE(error(std::string_view("a\0b", 3)).find("not plain text"), std::string::npos);
    EXPECT_EQ(readCsv(scratch / "absent.csv").error().code, ErrorCode::NotFound);
}

TEST(Csv, ReadsUltrackTracks) {
    const auto table = readCsv(std::string(DRIFTSCOPE_TEST_DATA) + "/cells/mitocheck_tracks.zarr/A/1/0/tracks.csv");
    ASSERT_TRUE(table) << table.error().text();
    EXPECT_EQ(table->header, (std::vector<std::string>{"track_id", "t", "y", "x", "id", "parent_track_id", "parent_id"}));
    EXPECT_EQ(table->rows.size(), 585u);
}

}  // namespace
}  // namespace driftscope::io
