#include "core/io/plane_cache.h"

#include <gtest/gtest.h>

#include <atomic>

namespace driftscope::io {
namespace {

/// Counts how often a plane is decoded; every pixel is t.
class CountingMovie : public TimeLapse {
  public:
    const TimeLapseInfo& info() const override { return info_; }
    const std::filesystem::path& path() const override { return path_; }
    Result<FloatImage> plane(std::int64_t t, std::int64_t, std::int64_t) const override {
        ++decoded;
        if (t < 0) return fail(ErrorCode::BadInput, "no such frame");
        return FloatImage(10, 10, static_cast<float>(t));
    }
    Result<LabelImage> labels(std::int64_t, std::int64_t, std::int64_t) const override { return LabelImage(10, 10); }
    bool readsWindows() const override { return windowsAreCheap; }
    Result<std::vector<std::vector<FloatImage>>> crops(std::span<const CropRequest> requests, ThreadTeam*) const override {
        windowsRead += static_cast<int>(requests.size());
        return std::vector<std::vector<FloatImage>>{{FloatImage(requests[0].region.width, requests[0].region.height, static_cast<float>(requests[0].t))}};
    }
    mutable std::atomic<int> decoded{0}, windowsRead{0};
    bool windowsAreCheap = false;

  private:
    TimeLapseInfo info_;
    std::filesystem::path path_;
};

TEST(PlaneCache, DecodesOnceAndForgetsTheLeastRecentlyUsed) {
    const auto movie = std::make_shared<CountingMovie>();
    PlaneCache cache(3 * 400);
    for (int t : {0, 1, 2, 0}) EXPECT_EQ((*cache.get(movie, t, 0, 0))->at(0, 0), t);
    EXPECT_EQ(movie->decoded, 3);
    ASSERT_TRUE(cache.get(movie, 3, 0, 0));  // 1 leaves, 0 was used after it
    EXPECT_EQ(cache.bytes(), 1200u);
    ASSERT_TRUE(cache.get(movie, 0, 0, 0));
    EXPECT_EQ(movie->decoded, 4);
    ASSERT_TRUE(cache.get(movie, 1, 0, 0));
    EXPECT_EQ(movie->decoded, 5);
}

TEST(PlaneCache, KeepsNoErrorsAndNothingBeyondItsBudget) {
    const auto movie = std::make_shared<CountingMovie>();
    PlaneCache cache(100);
    EXPECT_FALSE(cache.get(movie, -1, 0, 0));
    EXPECT_TRUE(cache.get(movie, 5, 0, 0));
    EXPECT_EQ(cache.bytes(), 0u);
}

TEST(PlaneCache, WindowsAreReadAloneUntilTheyArePlentiful) {
    const auto movie = std::make_shared<CountingMovie>();
    PlaneCache cache(1 << 20);
    const Region region{2, 3, 4, 5};
    movie->windowsAreCheap = true;
    for (int t = 0; t < 40; ++t) {  // a film strip: one window of each frame
        const auto window = cache.window(movie, t, 0, 0, region);
        ASSERT_TRUE(window);
        EXPECT_EQ(window->width, 5);
        EXPECT_EQ(window->pixels, std::vector<float>(20, static_cast<float>(t)));
    }
    EXPECT_EQ(movie->decoded, 0);
    EXPECT_EQ(movie->windowsRead, 40);
    for (int i = 0; i < 40; ++i) EXPECT_EQ(cache.window(movie, 7, 0, 0, region)->pixels, std::vector<float>(20, 7));  // a gallery
    EXPECT_EQ(movie->decoded, 1);
    EXPECT_LT(movie->windowsRead, 50);
    movie->windowsAreCheap = false;
    EXPECT_EQ(cache.window(movie, 50, 0, 0, region)->pixels, std::vector<float>(20, 50));
    EXPECT_EQ(movie->decoded, 2);
    EXPECT_FALSE(cache.window(movie, 50, 0, 0, {2, 3, 9, 5}));
}

}  // namespace
}  // namespace driftscope::io
