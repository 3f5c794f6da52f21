#include <cmath>
#include <cstring>
#include <numeric>
#include <set>

#include "core/base/thread_team.h"
#include "core/io/zarr_array.h"
#include "tests/core/io/scratch.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;
const std::string kFixtures = std::string(DRIFTSCOPE_TEST_DATA) + "/cells/zarr_v3_fixtures/";

std::vector<float> readAll(const fs::path& folder) {
    const auto array = ZarrArray::open(folder);
    EXPECT_TRUE(array) << array.error().text();
    if (!array) return {};
    const auto& shape = array->metadata().shape;
    std::size_t count = 1;
    for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
    std::vector<float> values(count, -99);
    const auto done = array->read(std::vector<std::int64_t>(shape.size(), 0), shape, std::span(values));
    EXPECT_TRUE(done) << done.error().text();
    return values;
}

std::vector<float> counted(float first, std::size_t count) {
    std::vector<float> values(count);
    std::iota(values.begin(), values.end(), first);
    return values;
}

TEST(ZarrV3, ReadsEveryNumericFixture) {
    // Values as fixtures/v3/generate-v3.py of zarrita.js wrote them; those not named here are checked to be all of them.
    const std::vector<float> bools{1, 0, 1, 0}, halves{1.5f, 2.5f, 3.5f, 4.5f}, signs{-1000.5f, 0, 1000.5f, 0};
    const std::map<std::string, std::vector<float>> wanted{
        {"1d.chunked.compressed.sharded.i2", counted(1, 4)},      {"1d.chunked.filled.compressed.sharded.i2", {1, 2, 0, 0}},
        {"1d.chunked.i2", counted(1, 4)},                         {"1d.chunked.ragged.i2", counted(1, 5)},
        {"1d.contiguous.b1", bools},                              {"1d.contiguous.blosc.i2", counted(1, 4)},
        {"1d.contiguous.compressed.sharded.b1", bools},           {"1d.contiguous.compressed.sharded.f4", signs},
        {"1d.contiguous.compressed.sharded.f8", halves},          {"1d.contiguous.compressed.sharded.i2", counted(1, 4)},
        {"1d.contiguous.compressed.sharded.i4", counted(1, 4)},   {"1d.contiguous.compressed.sharded.u1", {255, 0, 255, 0}},
        {"1d.contiguous.delta.i4", counted(1, 4)},                {"1d.contiguous.f2.le", signs},
        {"1d.contiguous.f4.be", signs},                           {"1d.contiguous.f4.le", signs},
        {"1d.contiguous.f8", halves},                             {"1d.contiguous.gzip.i2", counted(1, 4)},
        {"1d.contiguous.i4", counted(1, 4)},                      {"1d.contiguous.raw.i2", counted(1, 4)},
        {"1d.contiguous.u1", {255, 0, 255, 0}},                   {"2d.chunked.compressed.sharded.filled.i2", counted(0, 16)},
        {"2d.chunked.compressed.sharded.i2", counted(1, 16)},     {"2d.chunked.i2", counted(1, 4)},
        {"2d.chunked.ragged.compressed.sharded.i2", counted(1, 9)}, {"2d.chunked.ragged.i2", counted(1, 9)},
        {"2d.contiguous.compressed.sharded.i2", counted(1, 4)},   {"2d.contiguous.i2", counted(1, 4)},
        {"3d.chunked.compressed.sharded.i2", counted(0, 64)},     {"3d.chunked.i2", counted(0, 27)},
        {"3d.chunked.mixed.compressed.sharded.i2", counted(0, 27)}, {"3d.chunked.mixed.i2.C", counted(0, 27)},
        {"3d.chunked.mixed.i2.F", counted(0, 27)},                {"3d.contiguous.compressed.sharded.i2", counted(0, 27)},
        {"3d.contiguous.delta.i4.mixed", counted(0, 27)},         {"3d.contiguous.i2", counted(0, 27)}};
    for (const auto& [name, values] : wanted) EXPECT_EQ(readAll(kFixtures + name), values) << name;
    std::size_t arrays = 0;
    for (const auto& entry : fs::directory_iterator(kFixtures)) {
        const std::string name = entry.path().filename().string();
        if (!entry.is_directory() || name.find("string") != std::string::npos || name == "consolidated") continue;
        EXPECT_TRUE(wanted.contains(name)) << name;
        ++arrays;
    }
    EXPECT_EQ(arrays, wanted.size());
    EXPECT_EQ(readAll(kFixtures + "consolidated/nested/1d.i2"), (std::vector<float>{10, 20, 30, 40}));
}

TEST(ZarrV3, BoxesOfShardsEqualTheirPartOfTheWhole) {
    ThreadTeam team(3);
    for (const char* name : {"3d.chunked.compressed.sharded.i2", "3d.chunked.mixed.i2.F", "3d.contiguous.delta.i4.mixed"}) {
        const auto array = ZarrArray::open(kFixtures + name).value();
        const auto side = array.metadata().shape[0];
        const std::vector<float> whole = readAll(kFixtures + name);
        for (std::int64_t z = 0; z < side; ++z)
            for (std::int64_t y = 0; y + 1 < side; ++y) {
                std::vector<float> box(static_cast<std::size_t>(2 * (side - 1)));
                ASSERT_TRUE(array.read(std::vector<std::int64_t>{z, y, 1}, std::vector<std::int64_t>{1, 2, side - 1}, std::span(box), &team));
                for (std::int64_t row = 0; row < 2; ++row)
                    for (std::int64_t x = 1; x < side; ++x)
                        EXPECT_EQ(box[static_cast<std::size_t>(row * (side - 1) + x - 1)], whole[static_cast<std::size_t>((z * side + y + row) * side + x)]) << name;
            }
    }
}

json metadata() {
    return {{"zarr_format", 3},
            {"node_type", "array"},
            {"shape", {4}},
            {"data_type", "uint16"},
            {"chunk_grid", {{"name", "regular"}, {"configuration", {{"chunk_shape", {2}}}}}},
            {"chunk_key_encoding", {{"name", "default"}}},
            {"fill_value", 7},
            {"codecs", {{{"name", "bytes"}, {"configuration", {{"endian", "big"}}}}}}};
}

TEST(ZarrV3, ChunkKeysAndFillValues) {
    const Scratch scratch;
    scratch.file("a/zarr.json", metadata().dump());
    scratch.file("a/c/1", std::string_view("\x00\x01\x01\x00", 4));
    EXPECT_EQ(readAll(scratch / "a"), (std::vector<float>{7, 7, 1, 256}));
    json dotted = metadata();
    dotted["chunk_key_encoding"] = {{"name", "v2"}};
    scratch.file("b/zarr.json", dotted.dump());
    scratch.file("b/0", std::string_view("\x00\x03\x00\x04", 4));
    EXPECT_EQ(readAll(scratch / "b"), (std::vector<float>{3, 4, 7, 7}));
    json scalar = metadata();
    scalar["shape"] = scalar["chunk_grid"]["configuration"]["chunk_shape"] = json::array();
    scratch.file("s/zarr.json", scalar.dump());
    EXPECT_EQ(readAll(scratch / "s"), (std::vector<float>{7}));
    scratch.file("s/c", std::string_view("\x00\x09", 2));
    EXPECT_EQ(readAll(scratch / "s"), (std::vector<float>{9}));
    const auto filled = [&](const char* type, const json& fill) {
        json document = metadata();
        document["data_type"] = type;
        document["fill_value"] = fill;
        scratch.file("f/zarr.json", document.dump());
        return readAll(scratch / "f").at(3);
    };
    EXPECT_EQ(filled("int64", -5), -5.0f);
    EXPECT_EQ(filled("bool", true), 1.0f);
    EXPECT_EQ(filled("float64", "-Infinity"), -INFINITY);
    EXPECT_EQ(filled("float32", "0x3fc00000"), 1.5f);
    EXPECT_EQ(filled("float16", "0x3e00"), 1.5f);
    EXPECT_TRUE(std::isnan(filled("float32", "NaN")));
}

TEST(ZarrV3, RefusesLyingMetadata) {
    const Scratch scratch;
    const auto refused = [&](const std::string& pointer, const json& value) {
        json document = metadata();
        document[json::json_pointer(pointer)] = value;
        const auto array = ZarrArray::open(scratch.file("a/zarr.json", document.dump()).parent_path());
        ASSERT_FALSE(array) << pointer << " = " << value;
        EXPECT_NE(array.error().message.find("zarr.json"), std::string::npos) << array.error().message;
        EXPECT_FALSE(array.error().remedy.empty());
    };
    refused("/zarr_format", 4);
    refused("/node_type", "group");
    refused("/shape", {4, 4});
    refused("/shape", {9223372036854775807});
    refused("/data_type", "complex64");
    refused("/data_type", {{"name", "r24"}});
    refused("/chunk_grid/name", "rectangular");
    refused("/chunk_grid/configuration/chunk_shape", {0});
    refused("/chunk_grid/configuration/chunk_shape", {4294967296});
    refused("/chunk_key_encoding", {{"name", "fancy"}});
    refused("/fill_value", "x");
    refused("/codecs", json::array());
    refused("/codecs", {{{"name", "zstd"}}});
    refused("/codecs", {"bytes", "pcodec"});
    refused("/codecs", {"bytes", "bytes"});
    refused("/codecs", {{{"name", "transpose"}, {"configuration", {{"order", {1}}}}}, "bytes"});
    refused("/storage_transformers", {{{"name", "x"}}});
    const auto shard = [](const json& chunk, const json& inner, const json& index) {
        return json::array({{{"name", "sharding_indexed"}, {"configuration", {{"chunk_shape", chunk}, {"codecs", inner}, {"index_codecs", index}}}}});
    };
    refused("/codecs", shard({3}, {"bytes"}, {"bytes", "crc32c"}));
    refused("/codecs", shard({0}, {"bytes"}, {"bytes"}));
    refused("/codecs", shard({1, 1}, {"bytes"}, {"bytes"}));
    refused("/codecs", shard({1}, {"bytes"}, {"bytes", "gzip"}));
    refused("/codecs", shard({1}, json::array(), {"bytes"}));
    json whole = shard({1}, {"bytes"}, {"bytes"});
    whole.push_back("gzip");
    refused("/codecs", whole);
}

/// A shard of two chunks of 2 uint16 with its index before or after them.
std::string shardBytes(bool atEnd, std::uint64_t firstBegin, std::uint64_t firstLength) {
    const std::uint64_t base = atEnd ? 0 : 36;
    const std::uint64_t index[] = {firstBegin == ~0ull ? firstBegin : base + firstBegin, firstLength, base + 4, 4};
    const auto bytes = std::as_bytes(std::span(index));
    const std::uint32_t sum = crc32c(bytes);
    std::string stored(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    stored.append(reinterpret_cast<const char*>(&sum), 4);
    const std::string data("\x01\x00\x02\x00\x03\x00\x04\x00", 8);
    return atEnd ? data + stored : stored + data;
}

json shardMetadata(const char* location) {
    json document = metadata();
    document["chunk_grid"]["configuration"]["chunk_shape"] = {4};
    document["codecs"] = json::array({{{"name", "sharding_indexed"}, {"configuration", {{"chunk_shape", {2}}, {"codecs", {"bytes"}}, {"index_codecs", {"bytes", "crc32c"}}, {"index_location", location}}}}});
    return document;
}

TEST(ZarrV3, ShardIndexesAtEitherEndAndAbsentChunks) {
    const Scratch scratch;
    for (const bool atEnd : {true, false}) {
        const std::string name = atEnd ? "end" : "start";
        scratch.file(name + "/zarr.json", shardMetadata(name.c_str()).dump());
        scratch.file(name + "/c/0", shardBytes(atEnd, 0, 4));
        EXPECT_EQ(readAll(scratch / name), counted(1, 4)) << name;
        scratch.file(name + "/c/0", shardBytes(atEnd, ~0ull, ~0ull));
        EXPECT_EQ(readAll(scratch / name), (std::vector<float>{7, 7, 3, 4})) << name;
    }
}

TEST(ZarrV3, DamagedShardsAreNamedAndNeverCrash) {
    const Scratch scratch;
    scratch.file("a/zarr.json", shardMetadata("end").dump());
    const auto refused = [&](const std::string& bytes) {
        scratch.file("a/c/0", bytes);
        std::vector<float> values(4);
        const auto done = ZarrArray::open(scratch / "a")->read(std::vector<std::int64_t>{0}, std::vector<std::int64_t>{4}, std::span(values));
        EXPECT_FALSE(done);
        EXPECT_NE((done ? std::string() : done.error().text()).find("a/c/0"), std::string::npos);
    };
    const std::string good = shardBytes(true, 0, 4);
    for (std::size_t length = 0; length < good.size(); ++length) refused(good.substr(0, length));
    for (std::size_t at = 8; at < good.size(); ++at) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 0x10);
        refused(bad);
    }
    refused(shardBytes(true, 1000, 4));
    refused(shardBytes(true, 0, ~0ull - 4));
    refused(shardBytes(true, 0, 3));
}

}  // namespace
}  // namespace driftscope::io
