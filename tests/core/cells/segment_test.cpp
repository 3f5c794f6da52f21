#include "core/cells/segment.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>

#include "core/cells/watershed.h"

namespace driftscope::cells {
namespace {

struct Disc {
    double y, x, radius, brightness;
};

/// Discs with an edge one pixel wide on a level background with Gaussian noise.
io::FloatImage drawn(int width, int height, const std::vector<Disc>& discs, double noise = 1, double background = 100) {
    io::FloatImage image(width, height);
    std::mt19937 random(7);
    std::normal_distribution<double> normal(0, noise);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            double signal = 0;
            for (const Disc& d : discs)
                signal = std::max(signal, d.brightness * std::clamp(d.radius + 0.5 - std::hypot(y - d.y, x - d.x), 0.0, 1.0));
            image.at(y, x) = static_cast<float>(background + signal + (noise > 0 ? normal(random) : 0));
        }
    return image;
}

std::map<std::uint32_t, int> areas(const io::LabelImage& labels) {
    std::map<std::uint32_t, int> result;
    for (const std::uint32_t label : labels.pixels)
        if (label) ++result[label];
    return result;
}

io::LabelImage segmented(const io::FloatImage& image, const SegmentSettings& settings = {}) {
    const auto labels = segmentFrame(image, settings);
    EXPECT_TRUE(labels) << labels.error().text();
    return labels.value_or(io::LabelImage());
}

TEST(Segment, FindsSeparateDiscsWithTheirAreas) {
    const auto labels = segmented(drawn(120, 90, {{20, 25, 9, 200}, {60, 30, 12, 400}, {45, 90, 10, 100}}));
    const auto area = areas(labels);
    ASSERT_EQ(area.size(), 3U);
    // Numbered in reading order: by the first pixel of each object.
    EXPECT_EQ(labels.at(20, 25), 1U);
    EXPECT_EQ(labels.at(45, 90), 2U);
    EXPECT_EQ(labels.at(60, 30), 3U);
    EXPECT_NEAR(area.at(1), M_PI * 81, 45);
    EXPECT_NEAR(area.at(2), M_PI * 100, 50);
    EXPECT_NEAR(area.at(3), M_PI * 144, 60);
}

TEST(Segment, PartsTouchingDiscsButKeepsAnEllipseWhole) {
    const auto image = drawn(120, 80, {{40, 45, 12, 300}, {40, 65, 12, 300}});
    const auto apart = segmented(image);
    ASSERT_EQ(areas(apart).size(), 2U);
    EXPECT_NE(apart.at(40, 45), apart.at(40, 65));
    SegmentSettings whole;
    whole.split = false;
    EXPECT_EQ(areas(segmented(image, whole)).size(), 1U);
    // A long nucleus of uneven width: shallow waists that grow with the object must not part it.
    EXPECT_EQ(areas(segmented(drawn(140, 80, {{40, 50, 20, 300}, {40, 62, 19, 300}, {41, 74, 20, 300}}))).size(), 1U);
}

TEST(Segment, SplitDepthIsRelativeToTheObject) {
    // The same shape at two sizes is treated alike.
    for (const double scale : {1.0, 2.5}) {
        const auto at = [&](double v) { return v * scale; };
        const auto image = drawn(static_cast<int>(at(120)), static_cast<int>(at(80)),
                                 {{at(40), at(45), at(12), 300}, {at(40), at(62), at(12), 300}}, 0);
        SegmentSettings s;
        s.splitIntensity = 0;
        s.smoothing = 0;  // a length in pixels, which would treat the two sizes differently
        s.splitDepth = 0.15;
        EXPECT_EQ(areas(segmented(image, s)).size(), 2U) << scale;
        s.splitDepth = 0.6;
        EXPECT_EQ(areas(segmented(image, s)).size(), 1U) << scale;
    }
}

TEST(Segment, EveryThresholdFindsTheDiscs) {
    const auto image = drawn(100, 60, {{30, 25, 10, 300}, {30, 70, 10, 260}});
    for (const Threshold threshold : {Threshold::OtsuLog, Threshold::Otsu, Threshold::Adaptive, Threshold::Manual}) {
        SegmentSettings s;
        s.threshold = threshold;
        s.level = 100;
        EXPECT_EQ(areas(segmented(image, s)).size(), 2U) << static_cast<int>(threshold);
    }
}

TEST(Segment, LocalBackgroundRemovesASlope) {
    auto image = drawn(160, 60, {{30, 30, 8, 120}, {30, 80, 8, 120}, {30, 130, 8, 120}});
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x) image.at(y, x) += static_cast<float>(2 * x);
    SegmentSettings s;
    s.background = Background::Local;
    s.backgroundRadius = 20;
    EXPECT_EQ(areas(segmented(image, s)).size(), 3U);
}

TEST(Segment, DarkObjectsAndHolesAndSizes) {
    auto image = drawn(120, 60, {{30, 30, 12, -80}, {30, 80, 12, -80}}, 0, 200);
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x) {
            double signal = 0;
            for (const double cx : {30.0, 80.0}) signal = std::max(signal, std::hypot(y - 30, x - cx) < 12 ? 80.0 : 0.0);
            image.at(y, x) = static_cast<float>(200 - signal);
        }
    image.at(30, 30) = 200;  // a hole
    SegmentSettings s;
    s.darkObjects = true;
    s.smoothing = 0;
    const auto labels = segmented(image, s);
    ASSERT_EQ(areas(labels).size(), 2U);
    EXPECT_NE(labels.at(30, 30), 0U);
    s.minArea = 10000;
    EXPECT_TRUE(areas(segmented(image, s)).empty());
    s.minArea = 0;
    s.maxArea = 100;
    EXPECT_TRUE(areas(segmented(image, s)).empty());
}

TEST(Segment, BorderObjectsGoOnlyWhenAsked) {
    const auto image = drawn(80, 60, {{0, 20, 12, 300}, {35, 50, 10, 300}});
    EXPECT_EQ(areas(segmented(image)).size(), 2U);
    SegmentSettings s;
    s.dropBorder = true;
    EXPECT_EQ(areas(segmented(image, s)).size(), 1U);
}

TEST(Segment, FlatAndNoisyFramesAreEmpty) {
    EXPECT_TRUE(areas(segmented(io::FloatImage(50, 40, 7))).empty());
    io::FloatImage invalid(50, 40, std::numeric_limits<float>::quiet_NaN());
    EXPECT_TRUE(areas(segmented(invalid)).empty());
}

TEST(Segment, InvalidPixelsCountAsBackground) {
    auto image = drawn(60, 60, {{30, 30, 10, 300}});
    image.at(5, 5) = std::numeric_limits<float>::infinity();
    image.at(50, 50) = std::numeric_limits<float>::quiet_NaN();
    const auto labels = segmented(image);
    EXPECT_EQ(areas(labels).size(), 1U);
    EXPECT_EQ(labels.at(5, 5), 0U);
    EXPECT_EQ(labels.at(50, 50), 0U);
}

TEST(Segment, SameInputSameLabels) {
    const auto image = drawn(120, 90, {{20, 25, 9, 200}, {60, 30, 12, 400}, {45, 90, 10, 100}}, 5);
    EXPECT_EQ(segmented(image).pixels, segmented(image).pixels);
}

TEST(Segment, RefusesEmptyImagesAndSettingsOutOfRange) {
    EXPECT_FALSE(segmentFrame(io::FloatImage(), {}));
    SegmentSettings s;
    s.splitDepth = -1;
    const auto refused = segmentFrame(io::FloatImage(4, 4), s);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Usage);
    s = {};
    s.edge = std::numeric_limits<double>::quiet_NaN();
    EXPECT_FALSE(segmentFrame(io::FloatImage(4, 4), s));
}

TEST(Watershed, JoinsShallowPeaksAndKeepsDeepOnes) {
    io::FloatImage ridge(7, 1);
    ridge.pixels = {4, 5, 3, 4, 1, 8, 7};
    // Peaks 5, 4 and 8: the peak of 4 rises a quarter of its height above the saddle of 3, that of 5 four fifths.
    EXPECT_THAT(watershedPeaks(ridge, 0.2F).pixels, testing::ElementsAre(2, 2, 2, 3, 1, 1, 1));
    EXPECT_THAT(watershedPeaks(ridge, 0.3F).pixels, testing::ElementsAre(2, 2, 2, 2, 1, 1, 1));
    EXPECT_THAT(watershedPeaks(ridge, 0.9F).pixels, testing::ElementsAre(1, 1, 1, 1, 1, 1, 1));
}

TEST(Watershed, PositivePixelsExactlyAreLabelled) {
    io::FloatImage height(40, 30);
    std::mt19937 random(3);
    for (float& value : height.pixels) value = static_cast<float>(static_cast<int>(random() % 7) - 3);
    const auto labels = watershedPeaks(height, 0.5F);
    for (std::size_t i = 0; i < labels.pixels.size(); ++i) EXPECT_EQ(labels.pixels[i] != 0, height.pixels[i] > 0);
}

}  // namespace
}  // namespace driftscope::cells
