#include "core/cells/dynaclr/patch.h"

#include <gtest/gtest.h>

namespace driftscope::cells {
namespace {

TEST(Patch, LiesAroundTheCutCentroid) {
    const auto place = placePatch(20.9, 30.2, 8, 64, 64, Border::Drop, 0.5).value();
    EXPECT_EQ(place.y, 16);
    EXPECT_EQ(place.x, 26);
    EXPECT_FALSE(place.affected);
}

TEST(Patch, BorderPoliciesDiffer) {
    EXPECT_FALSE(placePatch(2, 30, 8, 64, 64, Border::Drop, 0.5));
    EXPECT_TRUE(placePatch(4, 30, 8, 64, 64, Border::Drop, 0.5));
    EXPECT_TRUE(placePatch(60, 30, 8, 64, 64, Border::Drop, 0.5));
    EXPECT_FALSE(placePatch(61, 30, 8, 64, 64, Border::Drop, 0.5));
    const auto clamped = placePatch(61, 1, 8, 64, 64, Border::Clamp, 0.5).value();
    EXPECT_EQ(clamped.y, 56);
    EXPECT_EQ(clamped.x, 0);
    EXPECT_TRUE(clamped.affected);
    EXPECT_FALSE(placePatch(61, 1, 8, 64, 64, Border::Clamp, 0.25)) << "three pixels are more than a quarter of eight";
    EXPECT_FALSE(placePatch(3, 3, 80, 64, 64, Border::Clamp, 1.0)) << "the patch is wider than the image";
    const auto padded = placePatch(1, 1, 8, 64, 64, Border::Pad, 0.5).value();
    EXPECT_EQ(padded.y, -3);
    EXPECT_TRUE(padded.affected);
}

TEST(Patch, MirrorsOutsideAndCopiesInside) {
    Volume volume{2, 1, 3, 4, {}};
    for (int i = 0; i < 24; ++i) volume.pixels.push_back(static_cast<float>(i));
    std::vector<float> patch(2 * 2 * 2);
    cutPatch(volume, {1, 2, false}, 2, patch.data());
    EXPECT_EQ(patch, (std::vector<float>{6, 7, 10, 11, 18, 19, 22, 23}));
    patch.resize(2 * 3 * 3);
    cutPatch(volume, {-1, -1, true}, 3, patch.data());
    EXPECT_EQ(std::vector<float>(patch.begin(), patch.begin() + 9), (std::vector<float>{5, 4, 5, 1, 0, 1, 5, 4, 5}));
}

}  // namespace
}  // namespace driftscope::cells
