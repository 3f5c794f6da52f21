#include "core/io/zarr_array.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>
#include <utility>
#include <vector>

#include "core/base/atomic_file.h"
#include "core/base/thread_team.h"
#include "core/io/json_access.h"
#include "tests/core/io/scratch.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
const std::string kFixtures = std::string(DRIFTSCOPE_TEST_DATA) + "/cells/zarr_v2_fixtures/";

std::vector<float> readAll(const std::filesystem::path& folder) {
    const auto array = ZarrArray::open(folder);
    EXPECT_TRUE(array) << array.error().text();
    if (!array) return {};
    const auto& shape = array->metadata().shape;
    std::size_t count = 1;
    for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
    std::vector<float> values(count, -99);
    const std::vector<std::int64_t> begin(shape.size(), 0);
    const auto done = array->read(begin, shape, std::span(values));
    EXPECT_TRUE(done) << done.error().text();
    return values;
}

std::vector<float> counted(float first, std::size_t count) {
    std::vector<float> values(count);
    std::iota(values.begin(), values.end(), first);
    return values;
}

TEST(ZarrArray, ReadsEveryCodecOfZarrPython) {
    // Values as fixtures/v2/generate-v2.py of zarrita.js wrote them.
    for (const char* name : {"chunked", "contiguous.blosc", "contiguous.lz4", "contiguous.raw", "contiguous.zlib", "contiguous.zstd", "contiguous.shuffle", "contiguous.delta"})
        EXPECT_EQ(readAll(kFixtures + "1d." + name + ".i2"), counted(1, 4)) << name;
    EXPECT_EQ(readAll(kFixtures + "1d.contiguous.delta.shuffle.i2"), (std::vector<float>{10, 20, 30, 40}));
    EXPECT_EQ(readAll(kFixtures + "1d.contiguous.bitround.f4"), (std::vector<float>{1.125f, 2.25f, 3.25f, 4.5f}));
    EXPECT_EQ(readAll(kFixtures + "1d.contiguous.fixedscaleoffset.f4"), (std::vector<float>{1000.0f, 1000.1f, 1000.2f, 1000.3f}));
}

TEST(ZarrArray, ReadsTypesOrdersAndEdges) {
    EXPECT_EQ(readAll(kFixtures + "1d.contiguous.b1"), (std::vector<float>{1, 0, 1, 0}));
    EXPECT_EQ(readAll(kFixtures + "1d.contiguous.u1"), (std::vector<float>{255, 0, 255, 0}));
    EXPECT_EQ(readAll(kFixtures + "1d.contiguous.i4"), counted(1, 4));
    EXPECT_EQ(readAll(kFixtures + "1d.contiguous.f8"), (std::vector<float>{1.5f, 2.5f, 3.5f, 4.5f}));
    EXPECT_EQ(readAll(kFixtures + "1d.contiguous.f4.be"), (std::vector<float>{-1000.5f, 0, 1000.5f, 0}));
    EXPECT_EQ(readAll(kFixtures + "1d.chunked.ragged.i2"), counted(1, 5));
    EXPECT_EQ(readAll(kFixtures + "2d.chunked.ragged.i2"), counted(1, 9));
    for (const char* name : {"contiguous.i2", "chunked.i2", "chunked.mixed.i2.C", "chunked.mixed.i2.F"})
        EXPECT_EQ(readAll(kFixtures + "3d." + name), counted(0, 27)) << name;
}

TEST(ZarrArray, ReadsBoxesOfEitherOrder) {
    for (const char* name : {"contiguous.i2", "chunked.i2", "chunked.mixed.i2.C", "chunked.mixed.i2.F"}) {
        const auto array = ZarrArray::open(kFixtures + "3d." + name).value();
        std::vector<float> box(2 * 1 * 2);
        ASSERT_TRUE(array.read(std::vector<std::int64_t>{1, 2, 1}, std::vector<std::int64_t>{2, 1, 2}, std::span(box)));
        EXPECT_EQ(box, (std::vector<float>{16, 17, 25, 26})) << name;
    }
}

TEST(ZarrArray, RefusesWhatItCannotRead) {
    for (const char* name : {"3d.chunked.O", "1d.contiguous.json2.O", "1d.contiguous.U7"}) {
        const auto array = ZarrArray::open(kFixtures + name);
        ASSERT_FALSE(array) << name;
        EXPECT_EQ(array.error().code, ErrorCode::Unsupported);
        EXPECT_NE(array.error().message.find(name), std::string::npos);
    }
    EXPECT_EQ(ZarrArray::open(kFixtures).error().code, ErrorCode::NotFound);
    const auto array = ZarrArray::open(kFixtures + "2d.contiguous.i2").value();
    std::vector<float> out(4);
    EXPECT_FALSE(array.read(std::vector<std::int64_t>{1, 0}, std::vector<std::int64_t>{2, 2}, std::span(out)));
    EXPECT_FALSE(array.read(std::vector<std::int64_t>{-1, 0}, std::vector<std::int64_t>{2, 2}, std::span(out)));
    EXPECT_FALSE(array.read(std::vector<std::int64_t>{0}, std::vector<std::int64_t>{4}, std::span(out)));
}

json metadata() {
    return {{"zarr_format", 2}, {"shape", {4}}, {"chunks", {2}}, {"dtype", "<u2"}, {"compressor", nullptr}, {"filters", nullptr}, {"fill_value", 7}, {"order", "C"}};
}

TEST(ZarrArray, AbsentChunksGiveTheFillValue) {
    const Scratch scratch;
    scratch.file("a/.zarray", metadata().dump());
    scratch.file("a/1", std::string_view("\x01\x00\x00\x01", 4));
    EXPECT_EQ(readAll(scratch / "a"), (std::vector<float>{7, 7, 1, 256}));
}

TEST(ZarrArray, FillValuesOfEveryType) {
    const Scratch scratch;
    const auto filled = [&](const char* type, const json& fill) {
        json zarray = metadata();
        zarray["dtype"] = type;
        zarray["fill_value"] = fill;
        scratch.file("a/.zarray", zarray.dump());
        return readAll(scratch / "a").at(0);
    };
    EXPECT_EQ(filled(">u4", 70000), 70000.0f);
    EXPECT_EQ(filled("<i8", -3), -3.0f);
    EXPECT_EQ(filled("<f4", 0.5), 0.5f);
    EXPECT_EQ(filled(">f8", "-Infinity"), -INFINITY);
    EXPECT_TRUE(std::isnan(filled("<f4", "NaN")));
    for (const float value : {1.0f, -3.0f, 0.099975586f, 65504.0f, 5.9604645e-8f, 0.0f}) EXPECT_EQ(filled("<f2", value), value);
    EXPECT_EQ(filled("<f2", 1e6), INFINITY);
    EXPECT_EQ(filled("|b1", true), 1.0f);
    EXPECT_EQ(filled("<u2", nullptr), 0.0f);
}

TEST(ZarrArray, RefusesLyingMetadata) {
    const Scratch scratch;
    const auto refused = [&](const std::string& field, const json& value) {
        json zarray = metadata();
        zarray[field] = value;
        const auto array = ZarrArray::open(scratch.file("a/.zarray", zarray.dump()).parent_path());
        ASSERT_FALSE(array) << field << " = " << value;
        EXPECT_NE(array.error().message.find(".zarray"), std::string::npos) << array.error().message;
    };
    refused("zarr_format", 3);
    refused("shape", json::array());
    refused("shape", {-4});
    refused("shape", {1.5});
    refused("shape", "4");
    refused("shape", {4, 4});
    refused("shape", {9223372036854775807});
    refused("shape", {4294967296, 4294967296});
    refused("chunks", {0});
    refused("chunks", {4294967296});
    refused("dtype", "<c8");
    refused("dtype", {{"a", "<u2"}});
    refused("fill_value", 70000);
    refused("fill_value", "x");
    refused("order", "K");
    refused("dimension_separator", "..");
    refused("compressor", {{"id", "pcodec"}});
    refused("compressor", "zstd");
    refused("filters", {{{"id", "categorize"}}});
    EXPECT_FALSE(ZarrArray::open(scratch.file("a/.zarray", "{\"shape\": [4").parent_path()));
}

/// An array of one Blosc chunk of 1000 numbers 0 … 999.
std::string bloscChunk() {
    std::vector<std::uint16_t> numbers(1000);
    std::iota(numbers.begin(), numbers.end(), std::uint16_t{0});
    const auto encoded = encodeBlosc(std::as_bytes(std::span(numbers)), 2).value();
    return {reinterpret_cast<const char*>(encoded.data()), encoded.size()};
}

json bloscMetadata() {
    json zarray = metadata();
    zarray["shape"] = {1000};
    zarray["chunks"] = {1000};
    zarray["compressor"] = {{"id", "blosc"}, {"cname", "zstd"}, {"clevel", 1}, {"shuffle", 2}, {"blocksize", 0}};
    return zarray;
}

TEST(ZarrArray, PartsOfAChunkEqualTheWhole) {
    const Scratch scratch;
    scratch.file("a/.zarray", bloscMetadata().dump());
    scratch.file("a/0", bloscChunk());
    const auto array = ZarrArray::open(scratch / "a").value();
    for (const auto& [begin, count] : std::vector<std::pair<std::int64_t, std::size_t>>{{0, 1}, {17, 400}, {999, 1}, {400, 600}, {0, 1000}}) {
        std::vector<float> values(count);
        ASSERT_TRUE(array.read(std::vector<std::int64_t>{begin}, std::vector<std::int64_t>{static_cast<std::int64_t>(count)}, std::span(values)));
        EXPECT_EQ(values, counted(static_cast<float>(begin), count));
    }
}

TEST(ZarrArray, DamagedChunksAreNamedAndNeverCrash) {
    const Scratch scratch;
    scratch.file("a/.zarray", bloscMetadata().dump());
    const std::string good = bloscChunk();
    const auto array = ZarrArray::open(scratch / "a").value();
    std::vector<float> values(1000);
    std::vector<float> part(3);
    const auto readBoth = [&] {
        const auto whole = array.read(std::vector<std::int64_t>{0}, std::vector<std::int64_t>{1000}, std::span(values));
        const auto some = array.read(std::vector<std::int64_t>{500}, std::vector<std::int64_t>{3}, std::span(part));
        return std::pair(whole, some);
    };
    for (std::size_t length = 0; length < good.size(); length += 3) {
        scratch.file("a/0", good.substr(0, length));
        const auto [whole, some] = readBoth();
        ASSERT_FALSE(whole) << length;
        ASSERT_FALSE(some) << length;
        EXPECT_NE(whole.error().text().find("a/0"), std::string::npos);
    }
    for (std::size_t at = 0; at < good.size(); ++at) {  // any outcome but a crash
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 0xFF);
        scratch.file("a/0", bad);
        readBoth();
    }
    json wrong = bloscMetadata();
    wrong["chunks"] = {999};
    scratch.file("a/.zarray", wrong.dump());
    scratch.file("a/0", good);
    EXPECT_FALSE(ZarrArray::open(scratch / "a")->read(std::vector<std::int64_t>{0}, std::vector<std::int64_t>{999}, std::span(values).first(999)));
}

/// Counts which chunks are read.
class CountingStore final : public ZarrStore {
  public:
    explicit CountingStore(std::filesystem::path folder) : folder_(std::move(folder)) {}
    Result<bool> read(const std::string& key, std::uint64_t begin, std::uint64_t length, std::uint64_t limit, Buffer& out) const override {
        {
            const std::lock_guard lock(mutex_);
            keys_.push_back(key);
        }
        return folder_.read(key, begin, length, limit, out);
    }
    Result<std::optional<std::uint64_t>> size(const std::string& key) const override { return folder_.size(key); }
    std::string place(const std::string& key) const override { return folder_.place(key); }
    std::vector<std::string> takeKeys() const { return std::exchange(keys_, {}); }

  private:
    ZarrFolder folder_;
    mutable std::mutex mutex_;
    mutable std::vector<std::string> keys_;
};

/// Frames of height x width noise-like uint16 in chunks of one frame and `side` x `side`, Blosc.
std::filesystem::path bigArray(const Scratch& scratch, int frames, int height, int width, int side) {
    const auto folder = scratch / fmt::format("big{}", side);
    scratch.file(fmt::format("big{}/.zarray", side),
                 fmt::format(R"({{"zarr_format":2,"shape":[{0},{1},{2}],"chunks":[1,{3},{3}],"dtype":"<u2","compressor":{{"id":"blosc","cname":"zstd","clevel":1,"shuffle":2}},)"
                             R"("filters":null,"fill_value":7,"order":"C"}})", frames, height, width, side));
    for (int t = 0; t < frames; ++t)
        for (int top = 0; top < height; top += side)
            for (int left = 0; left < width; left += side) {
                if (t == 1 && top == 0 && left == 0) continue;  // an absent chunk
                std::vector<std::uint16_t> chunk(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
                for (std::size_t i = 0; i < chunk.size(); ++i) {
                    const auto y = static_cast<std::uint32_t>(top) + static_cast<std::uint32_t>(i) / static_cast<std::uint32_t>(side);
                    const auto x = static_cast<std::uint32_t>(left) + static_cast<std::uint32_t>(i) % static_cast<std::uint32_t>(side);
                    chunk[i] = static_cast<std::uint16_t>((y * 2654435761u + x * 40503u + static_cast<std::uint32_t>(t)) >> 5);
                }
                const auto bytes = encodeBlosc(std::as_bytes(std::span(chunk)), 2).value();
                scratch.file(fmt::format("big{}/{}.{}.{}", side, t, top / side, left / side), {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
            }
    return folder;
}

TEST(ZarrArray, ATeamReadsTheSameFromOneLargeChunkAndFromMany) {
    const Scratch scratch;
    for (const int side : {1400, 256}) {
        const auto array = ZarrArray::open(bigArray(scratch, 2, 1234, 1111, side)).value();
        ThreadTeam two(2), five(5);
        for (std::int64_t t = 0; t < 2; ++t) {
            const std::vector<std::int64_t> begin{t, 3, 5}, extent{1, 1200, 1100};
            std::vector<float> alone(1200 * 1100), together(alone.size(), -1);
            std::vector<std::uint32_t> labels(alone.size());
            ASSERT_TRUE(array.read(begin, extent, std::span(alone)));
            for (ThreadTeam* team : {&two, &five}) {
                ASSERT_TRUE(array.read(begin, extent, std::span(together), team));
                EXPECT_EQ(together, alone);
            }
            ASSERT_TRUE(array.read(begin, extent, std::span(labels), &two));
            EXPECT_TRUE(std::equal(labels.begin(), labels.end(), alone.begin()));
            EXPECT_EQ(alone[0], t == 1 ? 7 : static_cast<float>(static_cast<std::uint16_t>((3u * 2654435761u + 5u * 40503u) >> 5)));
        }
    }
}

TEST(ZarrArray, ManyBoxesReadEachChunkOnceAndInOrder) {
    const Scratch scratch;
    const auto folder = bigArray(scratch, 3, 600, 700, 256);
    const auto opened = ZarrArray::open(folder).value();
    const auto store = std::make_shared<const CountingStore>(folder);
    const ZarrArray array(store, opened.metadata());
    std::vector<std::vector<float>> pixels;
    std::vector<ZarrBox<float>> boxes;
    for (int i = 0; i < 40; ++i) pixels.emplace_back(60 * 50);
    for (int i = 0; i < 40; ++i) boxes.push_back({{i % 3, i * 97 % 540, i * 61 % 650}, {1, 60, 50}, pixels[static_cast<std::size_t>(i)]});
    ASSERT_TRUE(array.read(boxes));
    std::vector<std::string> keys = store->takeKeys();
    EXPECT_TRUE(std::ranges::is_sorted(keys));
    EXPECT_EQ(std::ranges::adjacent_find(keys), keys.end());
    for (const ZarrBox<float>& box : boxes) {
        std::vector<float> alone(box.out.size());
        ASSERT_TRUE(opened.read(box.begin, box.extent, std::span(alone)));
        ASSERT_TRUE(std::ranges::equal(alone, box.out));
    }
    ThreadTeam team(2);
    std::vector<std::vector<float>> again = pixels;
    for (auto& values : pixels) std::ranges::fill(values, -1.0f);
    ASSERT_TRUE(array.read(boxes, &team));
    EXPECT_EQ(pixels, again);
    std::vector<std::string> together = store->takeKeys();
    std::ranges::sort(together);
    EXPECT_EQ(together, keys);
}

TEST(ZarrArray, OfSeveralDamagedChunksTheFirstIsNamed) {
    const Scratch scratch;
    const auto folder = bigArray(scratch, 1, 600, 700, 256);
    for (const char* chunk : {"0.1.1", "0.2.2", "0.1.2"}) scratch.file(std::string("big256/") + chunk, "nothing like Blosc");
    const auto array = ZarrArray::open(folder).value();
    ThreadTeam team(3);
    std::vector<float> values(600 * 700);
    for (int round = 0; round < 5; ++round) {
        const auto result = array.read(std::vector<std::int64_t>{0, 0, 0}, std::vector<std::int64_t>{1, 600, 700}, std::span(values), &team);
        ASSERT_FALSE(result);
        EXPECT_NE(result.error().text().find("0.1.1"), std::string::npos) << result.error().text();
    }
}

}  // namespace
}  // namespace driftscope::io
