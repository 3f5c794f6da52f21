#include "core/io/zarr_text.h"

#include "tests/core/io/scratch.h"

namespace driftscope::io {
namespace {

using Texts = std::vector<std::string>;
const std::string kCells = std::string(DRIFTSCOPE_TEST_DATA) + "/cells/";

Texts read(const std::string& folder) {
    const auto texts = readZarrTexts(folder);
    EXPECT_TRUE(texts) << texts.error().text();
    return texts ? texts->values : Texts();
}

TEST(ZarrText, ReadsEveryTextFixture) {
    const std::string v2 = kCells + "zarr_v2_fixtures/", v3 = kCells + "zarr_v3_fixtures/";
    for (const char* name : {"1d.contiguous.S7", "1d.contiguous.U13.be", "1d.contiguous.U13.le", "1d.contiguous.U7", "2d.chunked.U7"}) EXPECT_EQ(read(v2 + name), (Texts{"a", "b", "cc", "d"})) << name;
    EXPECT_EQ(read(v2 + "3d.chunked.O"), (Texts{"a", "aa", "aaa", "aaaa", "b", "bb", "bbb", "bbbb"}));
    EXPECT_EQ(read(v2 + "1d.contiguous.json2.O"), (Texts{"foo", "bar", "baz", "qux"}));
    EXPECT_EQ(read(v3 + "1d.chunked.string.vlen"), (Texts{"a", "bb", "ccc", "dddd"}));
    EXPECT_EQ(read(v3 + "1d.contiguous.string.compressed"), (Texts{"compressed", "string", "test"}));
    EXPECT_EQ(read(v3 + "1d.contiguous.string.vlen"), (Texts{"hello", "world", "zarr", "v3"}));
    EXPECT_EQ(read(v3 + "1d.string.empty"), (Texts{"", "test", ""}));
    EXPECT_EQ(read(v3 + "1d.string.unicode"), (Texts{"hello", "世界", "🚀🎉", "Ñoño"}));
    EXPECT_EQ(read(v3 + "2d.chunked.string.vlen"), (Texts{"hello", "world", "foo", "bar"}));
    EXPECT_EQ(readZarrTexts(v3 + "2d.chunked.string.vlen")->shape, (std::vector<std::int64_t>{2, 2}));
}

TEST(ZarrText, FillsAbsentChunksAndRefusesNumbers) {
    const Scratch scratch;
    const auto folder = scratch.file("a/.zarray", R"({"zarr_format":2,"shape":[3],"chunks":[2],"dtype":"<U2","compressor":null,"filters":null,"fill_value":"no","order":"C"})").parent_path();
    scratch.file("a/0", std::string_view("\xE9\0\0\0\0\xF6\x01\0\x61\0\0\0\0\0\0\0", 16));
    EXPECT_EQ(read(folder.string()), (Texts{"é😀", "a", "no"}));
    EXPECT_TRUE(holdsZarrTexts(folder));
    EXPECT_FALSE(holdsZarrTexts(kCells + "zarr_v2_fixtures/1d.contiguous.i4"));
    EXPECT_EQ(readZarrTexts(kCells + "zarr_v3_fixtures/1d.contiguous.i4").error().code, ErrorCode::Unsupported);
    EXPECT_EQ(readZarrTexts(scratch / "none").error().code, ErrorCode::NotFound);
}

TEST(ZarrText, DamagedChunksAreNamed) {
    const Scratch scratch;
    const auto folder = scratch.file("a/.zarray", R"({"zarr_format":2,"shape":[2],"chunks":[2],"dtype":"|O","compressor":null,"filters":[{"id":"vlen-utf8"}],"fill_value":"","order":"C"})").parent_path();
    const std::string good("\x02\0\0\0\x01\0\0\0a\x02\0\0\0bc", 15);
    scratch.file("a/0", good);
    EXPECT_EQ(read(folder.string()), (Texts{"a", "bc"}));
    for (std::size_t length = 0; length < good.size(); ++length) {
        scratch.file("a/0", good.substr(0, length));
        const auto texts = readZarrTexts(folder);
        ASSERT_FALSE(texts) << length;
        EXPECT_NE(texts.error().text().find("a/0"), std::string::npos);
    }
    scratch.file("a/0", std::string("\xFF\xFF\xFF\xFF", 4) + good.substr(4));
    EXPECT_FALSE(readZarrTexts(folder));
}

}  // namespace
}  // namespace driftscope::io
