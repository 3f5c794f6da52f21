#include <filesystem>
#include <thread>

#include "core/base/atomic_file.h"
#include "core/base/thread_team.h"
#include "core/io/natural_order.h"
#include "core/io/time_lapse.h"
#include "tests/core/io/scratch.h"

namespace driftscope::io {
namespace {

namespace fs = std::filesystem;
const fs::path kCells = fs::path(DRIFTSCOPE_TEST_DATA) / "cells";

TEST(OmeZarr, ListsAndDescribesAPlate) {
    const auto listing = listTimeLapses(kCells / "mitocheck.zarr");
    ASSERT_TRUE(listing) << listing.error().text();
    EXPECT_EQ(listing->names, std::vector<std::string>{"A/1/0"});
    EXPECT_TRUE(listing->warnings.empty());
    const auto movie = openTimeLapse(kCells / "mitocheck.zarr").value();
    const TimeLapseInfo& info = movie->info();
    EXPECT_EQ(info.name, "A/1/0");
    EXPECT_EQ(info.shape, (std::array<std::int64_t, 5>{30, 1, 1, 190, 211}));
    ASSERT_EQ(info.channels.size(), 1u);
    EXPECT_EQ(info.channels[0].name, "H2B");
    EXPECT_EQ(info.channels[0].color, 0xFFFFFFu);
    EXPECT_EQ(info.channels[0].windowStart, 2);
    EXPECT_EQ(info.channels[0].windowEnd, 85);
    EXPECT_EQ(info.unit[0], "minute");
    EXPECT_EQ(info.unit[4], "micrometer");
    EXPECT_EQ(info.pixelType, "uint16");
}

TEST(OmeZarr, StacksAreCutOutsOfPlanes) {
    const auto movie = openTimeLapse(kCells / "mitocheck.zarr", "A/1/0").value();
    const FloatImage whole = movie->plane(3, 0, 0).value();
    const auto stack = movie->stack(3, 0, 0, 1, {100, 110, 60, 70});
    ASSERT_TRUE(stack) << stack.error().text();
    for (int y = 0; y < 60; ++y)
        for (int x = 0; x < 70; ++x) ASSERT_EQ((*stack)[0].at(y, x), whole.at(100 + y, 110 + x));
    EXPECT_FALSE(movie->stack(3, 0, 0, 1, {100, 110, 91, 70}));
    EXPECT_FALSE(movie->stack(3, 0, 0, 2, {0, 0, 1, 1}));
    EXPECT_FALSE(movie->stack(3, 0, 0, 1, {-1, 0, 1, 1}));
}

TEST(OmeZarr, CropsOfManyFramesAreCutOutsOfTheirPlanes) {
    ThreadTeam team(2);
    for (const char* name : {"mitocheck.zarr", "migration.zarr"}) {
        const auto movie = openTimeLapse(kCells / name).value();
        std::vector<CropRequest> requests;
        for (int i = 0; i < 60; ++i) requests.push_back({i * 7 % movie->info().frames(), 0, 0, 1, {i * 5 % (movie->info().height() - 40), i * 11 % (movie->info().width() - 30), 40, 30}});
        const auto crops = movie->crops(requests, &team);
        ASSERT_TRUE(crops) << crops.error().text();
        const auto alone = movie->TimeLapse::crops(requests);  // plane by plane, as formats without chunks do it
        ASSERT_TRUE(alone) << alone.error().text();
        for (std::size_t i = 0; i < requests.size(); ++i) {
            const FloatImage whole = movie->plane(requests[i].t, 0, 0).value();
            const Region& region = requests[i].region;
            for (int y = 0; y < 40; ++y)
                for (int x = 0; x < 30; ++x) ASSERT_EQ((*crops)[i][0].at(y, x), whole.at(region.y + y, region.x + x));
            ASSERT_EQ((*crops)[i][0].pixels, (*alone)[i][0].pixels);
        }
        requests[30].region.x = movie->info().width();
        EXPECT_FALSE(movie->crops(requests, &team));
        EXPECT_FALSE(movie->TimeLapse::crops(requests));
    }
}

TEST(OmeZarr, LabelsMatchTheirTracks) {
    const auto tracks = openTimeLapse(kCells / "mitocheck_tracks.zarr", "A/1/0").value();
    EXPECT_EQ(tracks->labels(0, 0, 0)->at(45, 36), 1u);  // track 1 is centred there at t = 0
    EXPECT_EQ(tracks->labels(0, 0, 0)->at(54, 125), 2u);
}

TEST(OmeZarr, ErrorsSayWhatWasAskedAndWhatIsThere) {
    const auto movie = openTimeLapse(kCells / "mitocheck.zarr").value();
    const auto late = movie->plane(30, 0, 0);
    ASSERT_FALSE(late);
    EXPECT_NE(late.error().message.find("30 frames; frame 30"), std::string::npos) << late.error().message;
    EXPECT_NE(movie->plane(0, 1, 0).error().message.find("channel 1"), std::string::npos);
    EXPECT_FALSE(movie->labels(-1, 0, 0));
    const auto field = openTimeLapse(kCells / "mitocheck.zarr", "A/1/1");
    ASSERT_FALSE(field);
    EXPECT_NE(field.error().remedy.find("A/1/0"), std::string::npos);
    EXPECT_FALSE(openTimeLapse(kCells / "mitocheck.zarr", "../mitocheck_tracks.zarr/A/1/0"));
    EXPECT_EQ(openTimeLapse("/nowhere.zarr").error().code, ErrorCode::NotFound);
    EXPECT_FALSE(listTimeLapses(DRIFTSCOPE_SOURCE_DIR "/core"));
}

TEST(OmeZarr, SeveralThreadsReadTheSame) {
    const auto movie = openTimeLapse(kCells / "migration.zarr").value();
    std::vector<FloatImage> alone;
    for (std::int64_t t = 0; t < movie->info().frames(); ++t) alone.push_back(movie->plane(t, 0, 0).value());
    std::atomic<int> differing{0};
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&, thread] {
            for (std::size_t i = 0; i < alone.size(); ++i) {
                const std::size_t t = (i * 7 + static_cast<std::size_t>(thread) * 11) % alone.size();
                differing += movie->plane(static_cast<std::int64_t>(t), 0, 0)->pixels != alone[t].pixels;
            }
        });
    threads.clear();
    EXPECT_EQ(differing, 0);
}

/// A 2-D image in a scratch folder with these attributes.
fs::path smallImage(const Scratch& scratch, const std::string& attributes, const std::string& shape = "[2, 3]") {
    fs::remove_all(scratch / "i.ome.zarr");
    scratch.file("i.ome.zarr/.zattrs", attributes);
    std::string chunk;
    for (char c = 0; c < 6; ++c) chunk += c;
    scratch.file("i.ome.zarr/full/.zarray",
                 R"({"zarr_format":2,"shape":)" + shape + R"(,"chunks":)" + shape + R"(,"dtype":"|u1","compressor":null,"filters":null,"fill_value":0,"order":"C","dimension_separator":"/"})");
    scratch.file(shape == "[2, 3]" ? "i.ome.zarr/full/0/0" : "i.ome.zarr/full/0/0/0", chunk);
    return scratch / "i.ome.zarr";
}

std::string multiscales(const std::string& axes) {
    return R"({"multiscales":[{"version":"0.4","axes":)" + axes +
           R"(,"datasets":[{"path":"full","coordinateTransformations":[{"type":"scale","scale":[0.5,0.25]}]}],"coordinateTransformations":[{"type":"scale","scale":[2,2]}]}]})";
}

TEST(OmeZarr, MissingAxesAreTakenByName) {
    const Scratch scratch;
    const auto image = openTimeLapse(smallImage(scratch, multiscales(R"([{"name":"y","type":"space","unit":"micrometer"},{"name":"x","type":"space"}])")));
    ASSERT_TRUE(image) << image.error().text();
    EXPECT_EQ((*image)->info().name, "i");
    EXPECT_EQ((*image)->info().shape, (std::array<std::int64_t, 5>{1, 1, 1, 2, 3}));
    EXPECT_EQ((*image)->info().scale, (std::array<double, 5>{1, 1, 1, 1, 0.5}));
    EXPECT_EQ((*image)->info().channels[0].name, "channel 0");
    EXPECT_EQ((*image)->plane(0, 0, 0)->pixels, (std::vector<float>{0, 1, 2, 3, 4, 5}));
    EXPECT_EQ(listTimeLapses(scratch / "i.ome.zarr")->names, std::vector<std::string>{"i"});
    EXPECT_TRUE(openTimeLapse(scratch / "i.ome.zarr", "i"));
    EXPECT_FALSE(openTimeLapse(scratch / "i.ome.zarr", "j"));
}

TEST(OmeZarr, PlaneAfterRowAndColumnStillWorks) {
    const Scratch scratch;
    const auto image = openTimeLapse(smallImage(scratch, multiscales(R"(["y","x","z"])"), "[1, 2, 3]"));
    ASSERT_TRUE(image) << image.error().text();
    EXPECT_EQ((*image)->info().shape, (std::array<std::int64_t, 5>{1, 1, 3, 1, 2}));
    EXPECT_EQ((*image)->plane(0, 0, 1)->pixels, (std::vector<float>{1, 4}));
    EXPECT_EQ((*image)->stack(0, 0, 1, 3, {0, 1, 1, 1})->at(1).pixels, (std::vector<float>{5}));
}

TEST(OmeZarr, ContradictoryMetadataAreRefused) {
    const Scratch scratch;
    const auto error = [&](const std::string& attributes, const std::string& shape = "[2, 3]") {
        const auto image = openTimeLapse(smallImage(scratch, attributes, shape));
        EXPECT_FALSE(image) << attributes;
        return image ? std::string() : image.error().message;
    };
    EXPECT_NE(error(multiscales(R"(["x","y"])")).find("no y axis followed by an x axis"), std::string::npos);
    EXPECT_NE(error(multiscales(R"(["y","q"])")).find("'q'"), std::string::npos);
    EXPECT_NE(error(multiscales(R"(["z","y","x"])")).find("3 axes"), std::string::npos);
    EXPECT_NE(error(multiscales(R"(["y","x"])"), "[2000000000, 2000000000]").find("2 GiB"), std::string::npos);
    error("{}");
    error("{\"multiscales\":");
    error(R"({"multiscales":[{"datasets":[{"path":"../../full"}]}]})");
    error(R"({"multiscales":[{"datasets":[{"path":"/etc"}]}]})");
    error(R"({"multiscales":[{"datasets":[{"path":"absent"}]}]})");
}

TEST(OmeZarr, ListedButAbsentImagesAreReported) {
    const Scratch scratch;
    fs::copy(kCells / "mitocheck.zarr", scratch / "p.zarr", fs::copy_options::recursive);
    scratch.file("p.zarr/.zattrs", R"({"plate":{"wells":[{"path":"A/1"},{"path":"A/2"},{"path":"../x"}]}})");
    scratch.file("p.zarr/A/1/.zattrs", R"({"well":{"images":[{"path":"0"},{"path":"1"}]}})");
    const auto listing = listTimeLapses(scratch / "p.zarr");
    ASSERT_TRUE(listing) << listing.error().text();
    EXPECT_EQ(listing->names, std::vector<std::string>{"A/1/0"});
    ASSERT_EQ(listing->warnings.size(), 3u);
    EXPECT_NE(listing->warnings[0].find("A/1/1"), std::string::npos);
    EXPECT_NE(listing->warnings[1].find("A/2"), std::string::npos);
}

TEST(OmeZarr, Version05KeepsItsMetadataUnderOme) {
    const Scratch scratch;
    scratch.file("p.zarr/zarr.json", R"({"zarr_format":3,"node_type":"group","attributes":{"ome":{"version":"0.5","plate":{"wells":[{"path":"B/07"}]}},"normalization":{"a":1}}})");
    scratch.file("p.zarr/B/07/zarr.json", R"({"zarr_format":3,"node_type":"group","attributes":{"ome":{"well":{"images":[{"path":"f1"},{"path":"gone"}]}}}})");
    scratch.file("p.zarr/B/07/f1/zarr.json", R"({"zarr_format":3,"node_type":"group","attributes":{"ome":{"multiscales":[{"axes":[{"name":"y","type":"space","unit":"micrometer"},)"
                                             R"({"name":"x","type":"space"}],"datasets":[{"path":"full","coordinateTransformations":[{"type":"scale","scale":[0.5,0.25]}]},{"path":"half"}]}],)"
                                             R"("omero":{"channels":[{"label":"GFP","color":"00FF00"}]}}}})");
    scratch.file("p.zarr/B/07/f1/full/zarr.json", R"({"zarr_format":3,"node_type":"array","shape":[2,3],"data_type":"uint8","chunk_grid":{"name":"regular","configuration":{"chunk_shape":[2,3]}},)"
                                                  R"("chunk_key_encoding":{"name":"default"},"fill_value":0,"codecs":["bytes"]})");
    scratch.file("p.zarr/B/07/f1/full/c/0/0", std::string_view("\1\2\3\4\5\6", 6));
    const auto listing = listTimeLapses(scratch / "p.zarr");
    ASSERT_TRUE(listing) << listing.error().text();
    EXPECT_EQ(listing->names, std::vector<std::string>{"B/07/f1"});
    EXPECT_EQ(listing->warnings.size(), 1u);
    const auto image = openTimeLapse(scratch / "p.zarr").value();
    EXPECT_EQ(image->info().channels[0].name, "GFP");
    EXPECT_EQ(image->info().scale[3], 0.5);
    EXPECT_EQ(image->info().unit[3], "micrometer");
    EXPECT_EQ(image->plane(0, 0, 0)->pixels, (std::vector<float>{1, 2, 3, 4, 5, 6}));
    scratch.file("v5.zarr/zarr.json", R"({"zarr_format":3,"node_type":"group"})");
    EXPECT_NE(listTimeLapses(scratch / "v5.zarr").error().message.find("no OME-Zarr image"), std::string::npos);
}

TEST(NaturalOrder, NumbersCountByValue) {
    EXPECT_TRUE(naturallyBefore("t9", "t10"));
    EXPECT_TRUE(naturallyBefore("t009", "t10"));
    EXPECT_TRUE(naturallyBefore("a", "b"));
    EXPECT_TRUE(naturallyBefore("t", "t1"));
    EXPECT_TRUE(naturallyBefore("99999999999999999999998", "99999999999999999999999"));
    EXPECT_FALSE(naturallyBefore("t10", "t9"));
    EXPECT_FALSE(naturallyBefore("t1", "t1"));
    EXPECT_NE(naturallyBefore("t1", "t01"), naturallyBefore("t01", "t1"));
}

}  // namespace
}  // namespace driftscope::io
