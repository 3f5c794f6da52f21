#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <thread>
#include <vector>

#include "core/io/time_lapse.h"

namespace driftscope::testing {

/// A time-lapse made by arithmetic: pixel (y, x) of frame t, channel c, slice z is 100 c + 10 z + t + x. Masks: two
/// touching blocks and a block that moves one pixel a frame. Reading can be slowed down.
class FakeTimeLapse : public io::TimeLapse {
  public:
    FakeTimeLapse(int frames, int channels, int depth, int height, int width) {
        info_.name = "A/1/0";
        info_.shape = {frames, channels, depth, height, width};
        info_.unit = {"minute", "", "micrometer", "micrometer", "micrometer"};
        info_.scale = {2, 1, 1, 0.5, 0.5};
        for (int c = 0; c < channels; ++c)
            info_.channels.push_back({"channel " + std::to_string(c), c == 0 ? 0x00FF00U : 0xFF00FFU, 0, 200});
        info_.pixelType = "uint16";
    }

    std::chrono::milliseconds delay{0};
    std::int64_t brokenFrame = -1;
    mutable std::atomic<int> reads{0};
    mutable std::atomic<int> mostAtOnce{0};  ///< planes read side by side so far

    /// Frames of the planes read so far, in the order in which reading began.
    std::vector<std::int64_t> framesRead() const {
        const std::lock_guard lock(mutex_);
        return framesRead_;
    }

    io::TimeLapseInfo& edit() { return info_; }
    const io::TimeLapseInfo& info() const override { return info_; }
    const std::filesystem::path& path() const override { return path_; }

    Result<io::FloatImage> plane(std::int64_t t, std::int64_t c, std::int64_t z) const override {
        ++reads;
        {
            const std::lock_guard lock(mutex_);
            framesRead_.push_back(t);
            mostAtOnce = std::max(mostAtOnce.load(), ++atOnce_);
        }
        std::this_thread::sleep_for(delay);
        --atOnce_;
        if (t == brokenFrame) return fail(ErrorCode::Io, "chunk 7.0.0 of 'fake' is damaged.", "Copy the file again.");
        io::FloatImage image(info_.width(), info_.height());
        for (int y = 0; y < image.height; ++y)
            for (int x = 0; x < image.width; ++x) image.at(y, x) = static_cast<float>(100 * c + 10 * z + t + x);
        return image;
    }

    /// Ids 3 and 70000 touch at x = 20; id 9 is a 4 x 4 block whose left edge is 2 + t.
    Result<io::LabelImage> labels(std::int64_t t, std::int64_t, std::int64_t) const override {
        std::this_thread::sleep_for(delay);
        io::LabelImage image(info_.width(), info_.height());
        for (int y = 8; y < 16; ++y)
            for (int x = 12; x < 28; ++x) image.at(y, x) = x < 20 ? 3 : 70000;
        for (int y = 24; y < 28; ++y)
            for (int x = 2; x < 6; ++x)
                if (image.contains(y, x + static_cast<int>(t))) image.at(y, x + static_cast<int>(t)) = 9;
        return image;
    }

  private:
    io::TimeLapseInfo info_;
    std::filesystem::path path_ = "fake.zarr";
    mutable std::mutex mutex_;
    mutable std::vector<std::int64_t> framesRead_;
    mutable std::atomic<int> atOnce_{0};
};

}  // namespace driftscope::testing
