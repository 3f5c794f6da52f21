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
    mutable std::atomic<int> decoded{0};

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

}  // namespace
}  // namespace driftscope::io
