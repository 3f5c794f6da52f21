#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "core/cells/crops.h"
#include "core/cells/outlines.h"
#include "core/cells/regions.h"

namespace driftscope::cells {
namespace {

io::LabelImage randomLabels(unsigned seed) {
    io::LabelImage labels(17, 13);
    std::mt19937 random(seed);
    for (auto& label : labels.pixels) label = random() % 3;
    return labels;
}

/// Whether the pixel's centre is inside by the even-odd rule.
bool inside(const std::vector<Outline>& all, std::uint32_t label, int y, int x) {
    bool odd = false;
    for (const Outline& outline : all) {
        if (outline.label != label) continue;
        for (std::size_t i = 0; i < outline.corners.size(); ++i) {
            const Corner a = outline.corners[i], b = outline.corners[(i + 1) % outline.corners.size()];
            if (a.x == b.x && a.x > x && (a.y <= y) != (b.y <= y)) odd = !odd;
        }
    }
    return odd;
}

TEST(Outlines, FillingThemGivesTheMaskBack) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        const auto labels = randomLabels(seed);
        const auto all = outlines(labels);
        for (int y = 0; y < labels.height; ++y)
            for (int x = 0; x < labels.width; ++x)
                for (const std::uint32_t label : {1U, 2U})
                    EXPECT_EQ(inside(all, label, y, x), labels.at(y, x) == label) << seed << ' ' << y << ' ' << x;
    }
}

TEST(Outlines, RunAlongPixelEdgesClockwiseWithoutIdleCorners) {
    io::LabelImage labels(5, 4);
    for (const int x : {1, 2, 3}) labels.at(1, x) = labels.at(2, x) = 4;
    const auto all = outlines(labels);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].label, 4U);
    ASSERT_EQ(all[0].corners.size(), 4U);
    double area = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const Corner a = all[0].corners[i], b = all[0].corners[(i + 1) % 4];
        EXPECT_TRUE((a.x == b.x) != (a.y == b.y));
        area += 0.5 * (a.x * b.y - b.x * a.y);
    }
    EXPECT_DOUBLE_EQ(area, 6);  // positive with y down: clockwise on a screen
    EXPECT_TRUE(outlines(io::LabelImage(5, 4)).empty());
}

TEST(Outlines, EdgePixelsHaveANeighbourThatIsNotTheirs) {
    io::LabelImage labels(5, 5, 1);
    const auto edge = edgePixels(labels);
    EXPECT_EQ(edge.at(2, 2), 0);
    EXPECT_EQ(edge.at(0, 2), 1);  // the outside of the image is not theirs
    labels.at(2, 2) = 2;
    EXPECT_EQ(edgePixels(labels).at(2, 2), 1);
    EXPECT_EQ(edgePixels(labels).at(2, 1), 1);
}

TEST(Regions, MeasureCentroidAreaAndSignalAboveTheBackground) {
    io::LabelImage labels(6, 5);
    io::FloatImage image(6, 5, 10);
    labels.at(1, 1) = labels.at(1, 2) = 3;
    image.at(1, 1) = 14, image.at(1, 2) = std::numeric_limits<float>::quiet_NaN();
    labels.at(4, 5) = 7, image.at(4, 5) = 30;
    const auto regions = measureRegions(labels, &image).value();
    ASSERT_EQ(regions.size(), 2U);
    EXPECT_EQ(regions[0].label, 3U);
    EXPECT_DOUBLE_EQ(regions[0].y, 1);
    EXPECT_DOUBLE_EQ(regions[0].x, 1.5);
    EXPECT_DOUBLE_EQ(regions[0].total, 4);
    EXPECT_FALSE(regions[0].atEdge);
    EXPECT_DOUBLE_EQ(regions[1].total, 20);
    EXPECT_TRUE(regions[1].atEdge);
    EXPECT_DOUBLE_EQ(measureRegions(labels, nullptr).value()[0].total, 2);
}

TEST(Crops, AreCutAsTheReferenceCutsThem) {
    io::FloatImage frame(9, 7);
    for (int y = 0; y < 7; ++y)
        for (int x = 0; x < 9; ++x) frame.at(y, x) = static_cast<float>(10 * y + x);
    // int(3.9) - 4/2 = 1: rows 1 … 4; int(4.2) - 2 = 2: columns 2 … 5
    const auto crop = cropAround(frame, 3.9, 4.2, 4, 4);
    ASSERT_TRUE(crop);
    EXPECT_EQ(crop->top, 1);
    EXPECT_EQ(crop->left, 2);
    EXPECT_FALSE(crop->atBorder);
    EXPECT_EQ(crop->image.at(0, 0), 12);
    EXPECT_EQ(crop->image.at(3, 3), 45);
}

TEST(Crops, EachBorderPolicyDoesWhatItSays) {
    io::FloatImage frame(6, 6);
    for (int y = 0; y < 6; ++y)
        for (int x = 0; x < 6; ++x) frame.at(y, x) = static_cast<float>(10 * y + x + 1);
    const auto fill = cropAround(frame, 0, 0, 4, 4, CropBorder::Fill, -1);
    ASSERT_TRUE(fill);
    EXPECT_TRUE(fill->atBorder);
    EXPECT_EQ(fill->top, -2);
    EXPECT_EQ(fill->image.at(0, 0), -1);
    EXPECT_EQ(fill->image.at(2, 2), 1);
    EXPECT_EQ(cropAround(frame, 0, 0, 4, 4, CropBorder::Replicate)->image.at(0, 3), 2);
    const auto shift = cropAround(frame, 0, 0, 4, 4, CropBorder::Shift);
    EXPECT_EQ(shift->top, 0);
    EXPECT_EQ(shift->image.at(3, 3), 34);
    EXPECT_FALSE(cropAround(frame, 0, 0, 4, 4, CropBorder::Drop));
    EXPECT_TRUE(cropAround(frame, 3, 3, 4, 4, CropBorder::Drop));
}

TEST(Crops, CentresThatAreNoPlaceGiveNoCrop) {
    const io::FloatImage frame(6, 6);
    EXPECT_FALSE(cropAround(frame, std::numeric_limits<double>::quiet_NaN(), 2, 4, 4));
    EXPECT_FALSE(cropAround(frame, 2, 1e300, 4, 4));
    EXPECT_FALSE(cropAround(frame, 2, 2, 0, 4));
}

}  // namespace
}  // namespace driftscope::cells
