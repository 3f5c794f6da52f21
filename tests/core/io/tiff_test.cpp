#include <tiffio.h>

#include <cstring>
#include <filesystem>
#include <thread>

#include "core/base/atomic_file.h"
#include "core/io/tiff_metadata.h"
#include "core/io/time_lapse.h"
#include "tests/core/io/scratch.h"

namespace driftscope::io {
namespace {

namespace fs = std::filesystem;

/// How a test file is written.
struct Style {
    const char* mode = "wl";  ///< "wb" is big-endian
    bool tiled = false;
    bool separate = false;
    int compression = COMPRESSION_NONE;
    std::string description = {};
};

template <class T>
constexpr int formatOf() {
    return std::is_floating_point_v<T> ? SAMPLEFORMAT_IEEEFP : std::is_signed_v<T> ? SAMPLEFORMAT_INT : SAMPLEFORMAT_UINT;
}

/// Writes pages of 20 x 18 pixels; value(page, sample, y, x).
template <class T, class Value>
void writeTiff(const fs::path& path, int pages, int samples, const Style& style, Value value, int width = 20) {
    constexpr int kHeight = 18;
    TIFF* tiff = TIFFOpen(path.c_str(), style.mode);
    ASSERT_NE(tiff, nullptr);
    for (int page = 0; page < pages; ++page) {
        TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
        TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, kHeight);
        TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, static_cast<int>(sizeof(T) * 8));
        TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, formatOf<T>());
        TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, samples);
        TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
        TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, style.separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
        TIFFSetField(tiff, TIFFTAG_COMPRESSION, style.compression);
        if (page == 0 && !style.description.empty()) TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, style.description.c_str());
        const int planes = style.separate ? samples : 1;
        const int packed = style.separate ? 1 : samples;
        if (style.tiled) {
            TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 16);
            TIFFSetField(tiff, TIFFTAG_TILELENGTH, 16);
        } else {
            TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 7);
        }
        for (int plane = 0; plane < planes; ++plane) {
            const auto pixel = [&](int y, int x, int s) { return static_cast<T>(value(page, style.separate ? plane : s, y, x)); };
            for (int top = 0; style.tiled && top < kHeight; top += 16)
                for (int left = 0; left < width; left += 16) {
                    std::vector<T> tile(static_cast<std::size_t>(16 * 16 * packed));
                    for (int i = 0; i < 16 * 16 * packed; ++i) tile[static_cast<std::size_t>(i)] = pixel(top + i / packed / 16, left + i / packed % 16, i % packed);
                    TIFFWriteTile(tiff, tile.data(), static_cast<std::uint32_t>(left), static_cast<std::uint32_t>(top), 0, static_cast<std::uint16_t>(plane));
                }
            for (int y = 0; !style.tiled && y < kHeight; ++y) {
                std::vector<T> row(static_cast<std::size_t>(width * packed));
                for (int i = 0; i < width * packed; ++i) row[static_cast<std::size_t>(i)] = pixel(y, i / packed, i % packed);
                TIFFWriteScanline(tiff, row.data(), static_cast<std::uint32_t>(y), static_cast<std::uint16_t>(plane));
            }
        }
        TIFFWriteDirectory(tiff);
    }
    TIFFClose(tiff);
}

double pattern(int page, int sample, int y, int x) {
    return page * 50 + sample * 20 + y + x / 2.0;
}

template <class T>
void expectPattern(const TimeLapse& movie, int samples) {
    for (int t = 0; t < movie.info().frames(); ++t)
        for (int c = 0; c < samples; ++c) {
            const auto image = movie.plane(t, c, 0);
            ASSERT_TRUE(image) << image.error().text();
            for (int y = 0; y < 18; ++y)
                for (int x = 0; x < 20; ++x) ASSERT_EQ(image->at(y, x), static_cast<float>(static_cast<T>(pattern(t, c, y, x)))) << t << ' ' << c << ' ' << y << ' ' << x;
        }
}

template <class T>
void checkStyle(const Scratch& scratch, const Style& style, int samples) {
    writeTiff<T>(scratch / "s.tif", 3, samples, style, pattern);
    const auto movie = openTimeLapse(scratch / "s.tif");
    ASSERT_TRUE(movie) << movie.error().text();
    EXPECT_EQ((*movie)->info().shape, (std::array<std::int64_t, 5>{3, samples, 1, 18, 20}));
    expectPattern<T>(**movie, samples);
}

TEST(Tiff, ReadsTypesLayoutsAndCompressions) {
    const Scratch scratch;
    checkStyle<std::uint8_t>(scratch, {}, 1);
    checkStyle<std::uint16_t>(scratch, {.mode = "wb"}, 1);
    checkStyle<std::int16_t>(scratch, {.compression = COMPRESSION_LZW}, 1);
    checkStyle<std::uint32_t>(scratch, {.tiled = true, .compression = COMPRESSION_ADOBE_DEFLATE}, 1);
    checkStyle<float>(scratch, {.mode = "wb", .tiled = true}, 1);
    checkStyle<double>(scratch, {}, 1);
    checkStyle<std::uint8_t>(scratch, {}, 3);
    checkStyle<std::uint16_t>(scratch, {.separate = true}, 3);
    checkStyle<std::uint8_t>(scratch, {.tiled = true, .separate = true}, 3);
    checkStyle<std::uint8_t>(scratch, {.tiled = true}, 3);
    checkStyle<std::uint16_t>(scratch, {.mode = "w8"}, 1);  // BigTIFF
}

TEST(Tiff, FramesOfAFolderEqualThePlateMadeOfThem) {
    const fs::path frames = fs::path(DRIFTSCOPE_SOURCE_DIR) / "resources/demo/cells/raw";
    const auto movie = openTimeLapse(frames);
    ASSERT_TRUE(movie) << movie.error().text();
    const auto plate = openTimeLapse(fs::path(DRIFTSCOPE_TEST_DATA) / "cells/mitocheck.zarr").value();
    ASSERT_EQ((*movie)->info().shape, plate->info().shape);
    EXPECT_EQ((*movie)->info().name, "raw");
    for (std::int64_t t = 0; t < 30; ++t) ASSERT_EQ((*movie)->plane(t, 0, 0)->pixels, plate->plane(t, 0, 0)->pixels) << t;
}

TEST(Tiff, FramesAreSortedNaturally) {
    const Scratch scratch;
    for (const int t : {10, 9, 2}) writeTiff<std::uint8_t>(scratch / fmt::format("t{}.TIF", t), 1, 1, {}, [&](int, int, int, int) { return t; });
    scratch.file("notes.txt", "x");
    scratch.file(".hidden.tif", "x");
    const auto listing = listTimeLapses(scratch.path());
    ASSERT_TRUE(listing) << listing.error().text();
    ASSERT_EQ(listing->warnings.size(), 1u);
    EXPECT_NE(listing->warnings[0].find("1 files that are not TIFF"), std::string::npos);
    const auto movie = openTimeLapse(scratch.path()).value();
    EXPECT_EQ(movie->plane(0, 0, 0)->at(0, 0), 2);
    EXPECT_EQ(movie->plane(1, 0, 0)->at(0, 0), 9);
    EXPECT_EQ(movie->plane(2, 0, 0)->at(0, 0), 10);
    EXPECT_FALSE(movie->plane(3, 0, 0));
}

TEST(Tiff, UnequalFramesAreRefusedByName) {
    const Scratch scratch;
    writeTiff<std::uint8_t>(scratch / "t1.tif", 1, 1, {}, pattern);
    writeTiff<std::uint8_t>(scratch / "t2.tif", 1, 1, {}, pattern, 24);
    auto movie = openTimeLapse(scratch.path());
    ASSERT_FALSE(movie);
    EXPECT_NE(movie.error().message.find("t2.tif is 24 x 18 uint8"), std::string::npos) << movie.error().message;
    writeTiff<std::uint16_t>(scratch / "t2.tif", 1, 1, {}, pattern);
    EXPECT_NE(openTimeLapse(scratch.path()).error().message.find("uint16"), std::string::npos);
}

TEST(Tiff, LabelsKeep32Bits) {
    const Scratch scratch;
    writeTiff<std::uint32_t>(scratch / "l.tif", 1, 1, {}, [](int, int, int y, int x) { return 4294967295u - static_cast<unsigned>(y * 20 + x); });
    const auto labels = openTimeLapse(scratch / "l.tif").value()->labels(0, 0, 0);
    ASSERT_TRUE(labels);
    EXPECT_EQ(labels->at(0, 0), 4294967295u);
    EXPECT_EQ(labels->at(17, 19), 4294967295u - 359u);
    writeTiff<float>(scratch / "f.tif", 1, 1, {}, [](int, int, int y, int) { return y == 3 ? 0.5 : 1.0; });
    EXPECT_NE(openTimeLapse(scratch / "f.tif").value()->labels(0, 0, 0).error().message.find("row 3, column 0"), std::string::npos);
}

TEST(Tiff, DescriptionsGiveAxes) {
    const TiffMeaning imagej = interpretTiff("ImageJ=1.53\nimages=12\nchannels=2\nslices=3\nframes=2\nunit=micron\nspacing=0.5\nfinterval=60\n", 12, 4.0);
    EXPECT_EQ(imagej.extent, (std::array<std::int64_t, 3>{2, 2, 3}));
    EXPECT_EQ(imagej.scale, (std::array<double, 5>{60, 1, 0.5, 0.25, 0.25}));
    EXPECT_EQ(imagej.unit[4], "micrometer");
    EXPECT_TRUE(interpretTiff("ImageJ=1.53\nimages=5\nslices=5\n", 5, 0).slicesAsFrames);
    EXPECT_EQ(interpretTiff("ImageJ=1.53\nimages=5\nslices=5\n", 6, 0).extent[0], 0);
    const TiffMeaning ome = interpretTiff(
        "<?xml version=\"1.0\"?><OME><Image><Pixels DimensionOrder=\"XYZCT\" SizeC=\"2\" SizeT=\"3\" SizeX=\"20\" SizeY=\"18\" SizeZ=\"4\" PhysicalSizeX=\"0.1\">"
        "<Channel ID=\"0\" Name=\"GFP\"/><Channel ID=\"1\"/></Pixels></Image></OME>",
        24, 0);
    EXPECT_EQ(ome.extent, (std::array<std::int64_t, 3>{3, 2, 4}));
    EXPECT_EQ(ome.order, "ZCT");
    EXPECT_EQ(ome.channels, (std::vector<std::string>{"GFP", ""}));
    EXPECT_EQ(ome.scale[4], 0.1);
    const TiffMeaning shaped = interpretTiff(R"({"shape": [2, 3, 18, 20], "axes": "CTYX"})", 6, 0);
    EXPECT_EQ(shaped.extent, (std::array<std::int64_t, 3>{3, 2, 1}));
    EXPECT_EQ(shaped.order.substr(0, 2), "TC");
    EXPECT_EQ(interpretTiff("{\"shape\": [", 6, 0).extent[0], 0);
    EXPECT_EQ(interpretTiff("ImageJ=1\nframes=1e300\nslices=-4\n", 6, 0).extent[0], 0);
}

TEST(Tiff, HyperstacksFollowTheirOrder) {
    const Scratch scratch;
    const auto number = [](int page, int, int, int) { return page; };
    writeTiff<std::uint8_t>(scratch / "h.tif", 12, 1, {.description = "ImageJ=1.53\nimages=12\nchannels=2\nslices=3\nframes=2\n"}, number);
    const auto imagej = openTimeLapse(scratch / "h.tif").value();
    EXPECT_EQ(imagej->info().shape, (std::array<std::int64_t, 5>{2, 2, 3, 18, 20}));
    EXPECT_EQ(imagej->plane(1, 1, 2)->at(0, 0), 11);
    EXPECT_EQ(imagej->plane(0, 1, 0)->at(0, 0), 1);
    EXPECT_EQ(imagej->plane(0, 0, 1)->at(0, 0), 2);
    writeTiff<std::uint8_t>(scratch / "h.tif", 12, 1, {.description = "<OME><Pixels DimensionOrder=\"XYTZC\" SizeC=\"2\" SizeT=\"2\" SizeZ=\"3\"></Pixels></OME>"}, number);
    const auto ome = openTimeLapse(scratch / "h.tif").value();
    EXPECT_EQ(ome->plane(1, 0, 0)->at(0, 0), 1);
    EXPECT_EQ(ome->plane(0, 0, 1)->at(0, 0), 2);
    EXPECT_EQ(ome->plane(0, 1, 0)->at(0, 0), 6);
}

TEST(Tiff, ThreadsShareAStack) {
    const Scratch scratch;
    writeTiff<std::uint8_t>(scratch / "s.tif", 5, 1, {}, [](int page, int, int, int) { return page; });
    const auto movie = openTimeLapse(scratch / "s.tif").value();
    std::atomic<int> wrong{0};
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&] {
            for (int i = 0; i < 200; ++i) wrong += movie->plane(i % 5, 0, 0)->at(0, 0) != static_cast<float>(i % 5);
        });
    threads.clear();
    EXPECT_EQ(wrong, 0);
}

TEST(Tiff, DamageIsNamedAndNeverCrashes) {
    const Scratch scratch;
    writeTiff<std::uint8_t>(scratch / "s.tif", 2, 1, {.compression = COMPRESSION_LZW}, pattern);
    const std::string good = readFile(scratch / "s.tif").value();
    EXPECT_NE(openTimeLapse(scratch.file("bad.tif", "no tiff")).error().message.find("bad.tif"), std::string::npos);
    EXPECT_FALSE(openTimeLapse(scratch.file("bad.tif", "")));
    for (std::size_t length = 0; length < good.size(); length += 13) {
        const auto movie = openTimeLapse(scratch.file("bad.tif", good.substr(0, length)));
        if (!movie) continue;
        EXPECT_FALSE((*movie)->plane(0, 0, 0) && (*movie)->plane(1, 0, 0)) << length;
    }
    for (std::size_t at = 0; at < good.size(); at += 2) {  // any outcome but a crash
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 0xFF);
        const auto movie = openTimeLapse(scratch.file("bad.tif", bad));
        if (movie) (*movie)->plane(0, 0, 0);
    }
}

}  // namespace
}  // namespace driftscope::io
