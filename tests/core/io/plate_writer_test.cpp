#include "core/io/plate_writer.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/base/atomic_file.h"
#include "core/io/zarr_array.h"
#include "tests/core/io/scratch.h"

namespace driftscope::io {
namespace {

TimeLapseInfo infoOf(std::array<std::int64_t, 5> shape) {
    TimeLapseInfo info;
    info.shape = shape;
    for (std::int64_t c = 0; c < shape[1]; ++c) info.channels.push_back({fmt::format("dye {}", c), 0x00FF00u + static_cast<std::uint32_t>(c), 10, 200});
    info.scale = {2, 1, 0.5, 0.25, 0.25};
    info.unit = {"minute", "", "micrometer", "micrometer", "micrometer"};
    return info;
}

float value(std::int64_t t, std::int64_t c, std::int64_t z, int y, int x) {
    return static_cast<float>((t * 7 + c * 5 + z * 3 + y * 2 + x) % 4000);
}

FloatImage plane(const TimeLapseInfo& info, std::int64_t t, std::int64_t c, std::int64_t z) {
    FloatImage image(info.width(), info.height());
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x) image.at(y, x) = value(t, c, z, y, x);
    return image;
}

TEST(PlateWriter, WrittenPlanesAreReadBack) {
    const Scratch scratch;
    const TimeLapseInfo info = infoOf({2, 2, 3, 530, 600});
    auto writer = PlateWriter::create(scratch / "p.zarr", "A/1/0", info, "uint16");
    ASSERT_TRUE(writer) << writer.error().text();
    for (std::int64_t t = 0; t < 2; ++t)
        for (std::int64_t c = 0; c < 2; ++c)
            for (std::int64_t z = 3; z-- > 0;) ASSERT_TRUE((*writer)->writePlane(t, c, z, plane(info, t, c, z)));
    const auto back = openTimeLapse(scratch / "p.zarr", "A/1/0").value();
    EXPECT_EQ(back->info().shape, info.shape);
    EXPECT_EQ(back->info().scale, info.scale);
    EXPECT_EQ(back->info().unit, info.unit);
    EXPECT_EQ(back->info().channels[1].name, "dye 1");
    EXPECT_EQ(back->info().channels[1].color, 0x00FF01u);
    EXPECT_EQ(back->info().channels[1].windowEnd, 200);
    for (std::int64_t t = 0; t < 2; ++t)
        for (std::int64_t z = 0; z < 3; ++z) ASSERT_EQ(back->plane(t, 1, z)->pixels, plane(info, t, 1, z).pixels);
    const auto stack = back->stack(1, 0, 1, 3, {500, 505, 20, 30}).value();  // across four chunks
    for (int z = 0; z < 2; ++z)
        for (int y = 0; y < 20; ++y)
            for (int x = 0; x < 30; ++x) ASSERT_EQ(stack[static_cast<std::size_t>(z)].at(y, x), value(1, 0, z + 1, y + 500, x + 505));
}

TEST(PlateWriter, PlanesMayComeInAnyOrderAndIncomplete) {
    const Scratch scratch;
    const TimeLapseInfo info = infoOf({2, 1, 2, 9, 8});
    {
        auto writer = PlateWriter::create(scratch / "p.zarr", "A/1/0", info, "float32").value();
        ASSERT_TRUE(writer->writePlane(0, 0, 0, plane(info, 0, 0, 0)));
        ASSERT_TRUE(writer->writePlane(1, 0, 1, plane(info, 1, 0, 1)));
        ASSERT_TRUE(writer->writePlane(0, 0, 1, plane(info, 0, 0, 1)));
    }
    const auto back = openTimeLapse(scratch / "p.zarr").value();
    EXPECT_EQ(back->plane(0, 0, 0)->pixels, plane(info, 0, 0, 0).pixels);
    EXPECT_EQ(back->plane(0, 0, 1)->pixels, plane(info, 0, 0, 1).pixels);
    EXPECT_EQ(back->plane(1, 0, 0)->pixels, std::vector<float>(72, 0.0f));
    EXPECT_EQ(back->plane(1, 0, 1)->pixels, plane(info, 1, 0, 1).pixels);
}

TEST(PlateWriter, LabelsKeep32BitsAndNarrowTypesAreChecked) {
    const Scratch scratch;
    const TimeLapseInfo info = infoOf({1, 1, 1, 4, 4});
    LabelImage labels(4, 4, 7);
    labels.at(2, 1) = 4294967295u;
    auto wide = PlateWriter::create(scratch / "p.zarr", "A/1/0", info, "uint32").value();
    ASSERT_TRUE(wide->writeLabels(0, 0, 0, labels));
    EXPECT_EQ(openTimeLapse(scratch / "p.zarr").value()->labels(0, 0, 0)->pixels, labels.pixels);
    auto narrow = PlateWriter::create(scratch / "p.zarr", "A/1/1", info, "uint16").value();
    const auto refused = narrow->writeLabels(0, 0, 0, labels);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("4294967295 in row 2, column 1"), std::string::npos) << refused.error().message;
    EXPECT_FALSE(narrow->writePlane(0, 0, 0, FloatImage(4, 4, -1)));
    EXPECT_FALSE(narrow->writePlane(0, 0, 0, FloatImage(4, 4, NAN)));
    EXPECT_TRUE(narrow->writePlane(0, 0, 0, FloatImage(4, 4, 2.6f)));
    EXPECT_EQ(openTimeLapse(scratch / "p.zarr", "A/1/1").value()->plane(0, 0, 0)->at(0, 0), 3);
}

TEST(PlateWriter, PositionsShareOnePlate) {
    const Scratch scratch;
    const TimeLapseInfo info = infoOf({1, 1, 1, 4, 4});
    for (const char* position : {"B/2/0", "A/1/0", "A/1/1", "A/10/000001"}) ASSERT_TRUE(PlateWriter::create(scratch / "p.zarr", position, info, "uint16"));
    EXPECT_EQ(listTimeLapses(scratch / "p.zarr")->names, (std::vector<std::string>{"B/2/0", "A/1/0", "A/1/1", "A/10/000001"}));
    EXPECT_TRUE(listTimeLapses(scratch / "p.zarr")->warnings.empty());
    const auto plate = nlohmann::json::parse(readFile(scratch / "p.zarr/.zattrs").value())["plate"];
    EXPECT_EQ(plate["field_count"], 2);
    EXPECT_EQ(plate["rows"].size(), 2u);
    EXPECT_EQ(plate["wells"][2], (nlohmann::json{{"path", "A/10"}, {"rowIndex", 1}, {"columnIndex", 2}}));
}

TEST(PlateWriter, RefusesWhatWouldOverwriteOrConfuse) {
    const Scratch scratch;
    const TimeLapseInfo info = infoOf({1, 1, 1, 4, 4});
    ASSERT_TRUE(PlateWriter::create(scratch / "p.zarr", "A/1/0", info, "uint16"));
    EXPECT_NE(PlateWriter::create(scratch / "p.zarr", "A/1/0", info, "uint16").error().message.find("exists already"), std::string::npos);
    for (const char* position : {"A/1", "", "../1/0", "A//0", "A/1/0/2", "A/1/.z", "A/1/a b"}) EXPECT_FALSE(PlateWriter::create(scratch / "p.zarr", position, info, "uint16")) << position;
    scratch.file("other/thesis.txt", "x");
    EXPECT_NE(PlateWriter::create(scratch / "other", "A/1/0", info, "uint16").error().message.find("is not an OME-Zarr plate"), std::string::npos);
    EXPECT_EQ(PlateWriter::create(scratch / "p.zarr", "A/1/5", info, "int8").error().code, ErrorCode::Internal);
}

TEST(PlateWriter, AnOpenedPositionGoesOn) {
    const Scratch scratch;
    const TimeLapseInfo info = infoOf({3, 1, 1, 9, 8});
    ASSERT_TRUE(PlateWriter::create(scratch / "p.zarr", "A/1/0", info, "uint16").value()->writePlane(0, 0, 0, plane(info, 0, 0, 0)));
    ASSERT_TRUE(PlateWriter::open(scratch / "p.zarr", "A/1/0", info, "uint16").value()->writePlane(2, 0, 0, plane(info, 2, 0, 0)));
    const auto back = openTimeLapse(scratch / "p.zarr", "A/1/0").value();
    EXPECT_EQ(back->plane(0, 0, 0)->pixels, plane(info, 0, 0, 0).pixels);
    EXPECT_EQ(back->plane(1, 0, 0)->pixels, FloatImage(8, 9).pixels);
    EXPECT_EQ(back->plane(2, 0, 0)->pixels, plane(info, 2, 0, 0).pixels);
    EXPECT_FALSE(PlateWriter::open(scratch / "p.zarr", "A/2/0", info, "uint16"));
    const auto other = PlateWriter::open(scratch / "p.zarr", "A/1/0", infoOf({4, 1, 1, 9, 8}), "uint16");
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().text().find("[3,1,1,9,8]"), std::string::npos) << other.error().text();
    EXPECT_FALSE(PlateWriter::open(scratch / "p.zarr", "A/1/0", info, "uint32"));
}

TEST(PlateWriter, Version05IsReadBackWithAndWithoutShards) {
    const Scratch scratch;
    for (const bool sharded : {false, true}) {
        const TimeLapseInfo info = infoOf({2, 2, 19, 300, 530});
        const auto plate = scratch / (sharded ? "s.zarr" : "p.zarr");
        const PlateFormat format{.version = OmeVersion::V05, .sharded = sharded, .levels = 3};
        auto writer = PlateWriter::create(plate, "A/1/0", info, "uint16", format);
        ASSERT_TRUE(writer) << writer.error().text();
        for (std::int64_t t = 0; t < 2; ++t)
            for (std::int64_t z = 19; z-- > 0;) ASSERT_TRUE((*writer)->writePlane(t, 1, z, plane(info, t, 1, z)));
        const auto back = openTimeLapse(plate, "A/1/0");
        ASSERT_TRUE(back) << back.error().text();
        EXPECT_EQ(listTimeLapses(plate)->names, std::vector<std::string>{"A/1/0"});
        EXPECT_EQ((*back)->info().shape, info.shape);
        EXPECT_EQ((*back)->info().scale, info.scale);
        EXPECT_EQ((*back)->info().channels[1].name, "dye 1");
        for (const std::int64_t z : {0, 15, 16, 18}) ASSERT_EQ((*back)->plane(1, 1, z)->pixels, plane(info, 1, 1, z).pixels) << sharded;
        EXPECT_EQ((*back)->plane(1, 0, 3)->pixels, FloatImage(530, 300).pixels);  // never written
        EXPECT_EQ(std::filesystem::exists(plate / "A/1/0/0/c/1/1/0/0/1"), !sharded);
    }
}

TEST(PlateWriter, PyramidsAverageImagesAndPickLabels) {
    const Scratch scratch;
    const TimeLapseInfo info = infoOf({1, 1, 1, 5, 7});
    for (const auto version : {OmeVersion::V04, OmeVersion::V05}) {
        const std::string suffix = version == OmeVersion::V04 ? "4" : "5";
        auto images = PlateWriter::create(scratch / ("i" + suffix), "A/1/0", info, "float32", {.version = version, .levels = 3}).value();
        ASSERT_TRUE(images->writePlane(0, 0, 0, plane(info, 0, 0, 0)));
        LabelImage ids(7, 5);
        for (std::size_t i = 0; i < ids.pixels.size(); ++i) ids.pixels[i] = static_cast<std::uint32_t>(i);
        auto labels = PlateWriter::create(scratch / ("l" + suffix), "A/1/0", info, "uint32", {.version = version, .levels = 2}).value();
        ASSERT_TRUE(labels->writeLabels(0, 0, 0, ids));
        const auto level = [&](const std::string& name, std::vector<std::int64_t> extent) {
            const auto array = ZarrArray::open(scratch / name).value();
            EXPECT_EQ(array.metadata().shape, extent) << name;
            std::vector<float> values(static_cast<std::size_t>(extent[3] * extent[4]));
            EXPECT_TRUE(array.read(std::vector<std::int64_t>(5, 0), extent, std::span(values)));
            return values;
        };
        // value = 2 y + x: means of 2 x 2, then of the pairs and singles at the edges
        EXPECT_EQ(level("i" + suffix + "/A/1/0/1", {1, 1, 1, 3, 4}), (std::vector<float>{1.5f, 3.5f, 5.5f, 7, 5.5f, 7.5f, 9.5f, 11, 8.5f, 10.5f, 12.5f, 14}));
        EXPECT_EQ(level("i" + suffix + "/A/1/0/2", {1, 1, 1, 2, 2}), (std::vector<float>{4.5f, 8.25f, 9.5f, 13.25f}));
        EXPECT_EQ(level("l" + suffix + "/A/1/0/1", {1, 1, 1, 3, 4}), (std::vector<float>{0, 2, 4, 6, 14, 16, 18, 20, 28, 30, 32, 34}));
    }
}

TEST(PlateWriter, VersionsAreNotMixedInOnePlate) {
    const Scratch scratch;
    const TimeLapseInfo info = infoOf({1, 1, 1, 4, 4});
    ASSERT_TRUE(PlateWriter::create(scratch / "p", "A/1/0", info, "uint16"));
    const auto other = PlateWriter::create(scratch / "p", "A/2/0", info, "uint16", {.version = OmeVersion::V05});
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().message.find("other version"), std::string::npos);
    ASSERT_TRUE(PlateWriter::create(scratch / "q", "A/1/0", info, "uint16", {.version = OmeVersion::V05}));
    ASSERT_TRUE(PlateWriter::create(scratch / "q", "B/3/1", info, "uint8", {.version = OmeVersion::V05}));
    EXPECT_EQ(listTimeLapses(scratch / "q")->names, (std::vector<std::string>{"A/1/0", "B/3/1"}));
    EXPECT_TRUE(PlateWriter::open(scratch / "q", "A/1/0", info, "uint16", {.version = OmeVersion::V05}));
    EXPECT_FALSE(PlateWriter::open(scratch / "q", "A/1/0", info, "uint32", {.version = OmeVersion::V05}));
}

}  // namespace
}  // namespace driftscope::io
