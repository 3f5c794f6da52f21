#include "widgets/space/track_layer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "widgets/space/blend.h"
#include "widgets/space/point_cloud.h"

namespace driftscope::space {

namespace {

constexpr std::size_t kAges = 48;
/// Above this many segments lines are one pixel wide and not antialiased: a store instead of several blends per pixel.
constexpr std::size_t kSmoothSegments = 60000;
/// Room that antialiased lines need beyond their end points.
constexpr int kInset = 6;

/// A fixed, well mixed choice of tracks for samples.
bool sampled(std::size_t track, unsigned of256) {
    return ((track * 0x9E3779B97F4A7C15ULL) >> 56) < of256;
}

}  // namespace

void TrackLayer::set(const PointCloud& cloud, const std::vector<std::vector<std::uint32_t>>& rows,
                     std::span<const std::int64_t> stepOfPoint) {
    begin_.assign(1, 0);
    x_.clear();
    y_.clear();
    step_.clear();
    boxes_.clear();
    constexpr float kNaN = std::numeric_limits<float>::quiet_NaN(), kMost = std::numeric_limits<float>::max();
    for (const auto& track : rows) {
        Box box{kMost, kMost, -kMost, -kMost};
        for (std::size_t i = 0; i < track.size(); ++i) {
            const std::uint32_t id = track[i];
            const bool drawable = cloud.isDrawable(id);
            x_.push_back(drawable ? cloud.x(id) : kNaN);
            y_.push_back(drawable ? cloud.y(id) : kNaN);
            step_.push_back(id < stepOfPoint.size() ? stepOfPoint[id] : static_cast<std::int64_t>(i));
            if (!drawable) continue;
            box = {std::min(box.left, x_.back()), std::min(box.bottom, y_.back()), std::max(box.right, x_.back()),
                   std::max(box.top, y_.back())};
        }
        begin_.push_back(x_.size());
        boxes_.push_back(box);
    }
    track_ = begin_.size();
    front_ = {};
}

void TrackLayer::begin(const Frame& frame) {
    frame_ = frame;
    grid_ = {frame.size.width(), frame.size.height()};
    const QSize padded(grid_.stride(), grid_.rows());
    if (back_.size() != padded) back_ = QImage(padded, QImage::Format_RGB32);
    if (frame.base != nullptr && frame.base->size() == padded)
        std::memcpy(back_.bits(), frame.base->constBits(), static_cast<std::size_t>(back_.sizeInBytes()));
    else
        back_.fill(frame.background);
    target_ = {reinterpret_cast<QRgb*>(back_.bits()) + static_cast<std::ptrdiff_t>(kInset) * grid_.stride() + kInset,
               grid_.stride(), grid_.stride() - 2 * kInset, grid_.rows() - 2 * kInset};
    smooth_ = segments() <= kSmoothSegments;
    ages_.resize(kAges);
    for (std::size_t age = 0; age < kAges; ++age)
        ages_[age] = mixRgb(frame.background, frame.line, static_cast<std::uint32_t>(40 + 216 * age / (kAges - 1)));
    track_ = 0;
}

bool TrackLayer::advance(Deadline deadline) {
    const std::size_t tracks = begin_.empty() ? 0 : begin_.size() - 1;
    for (; track_ < tracks; ++track_) {
        if (track_ % 64 == 63 && std::chrono::steady_clock::now() > deadline) {
            drawTrack(track_++);
            return false;
        }
        drawTrack(track_);
    }
    if (!back_.isNull()) front_.swap(back_);
    return true;
}

bool TrackLayer::inView(const Box& box) const {
    const QPointF low = frame_.view.toPixels(box.left, box.top), high = frame_.view.toPixels(box.right, box.bottom);
    return high.x() >= 0 && low.x() < grid_.width && high.y() >= 0 && low.y() < grid_.height;
}

void TrackLayer::drawTrack(std::size_t track) {
    if (!sampled(track, frame_.sample) || !inView(boxes_[track])) return;
    std::size_t first = begin_[track], last = begin_[track + 1];
    if (last - first < 2) return;
    std::int64_t from = step_[first], to = step_[last - 1];
    if (frame_.window) {
        from = frame_.window->first;
        to = frame_.window->second;
        const auto begin = step_.begin();
        const auto at = [&](std::size_t vertex) { return begin + static_cast<std::ptrdiff_t>(vertex); };
        first = static_cast<std::size_t>(std::lower_bound(at(first), at(last), from) - begin);
        last = static_cast<std::size_t>(std::upper_bound(at(first), at(last), to) - begin);
        if (last - first < 2 || last < first) return;
    }
    const float perStep = to > from ? static_cast<float>(kAges - 1) / static_cast<float>(to - from) : 0.0F;
    const auto scaleX = static_cast<float>(frame_.view.scaleX), scaleY = static_cast<float>(frame_.view.scaleY);
    const auto offsetX = static_cast<float>(frame_.view.offsetX) + PixelGrid::kMargin - kInset;
    const auto offsetY = static_cast<float>(frame_.view.offsetY) + PixelGrid::kMargin - kInset;
    float x = x_[first] * scaleX + offsetX, y = offsetY - y_[first] * scaleY;
    for (std::size_t v = first + 1; v < last; ++v) {
        const float nextX = x_[v] * scaleX + offsetX, nextY = offsetY - y_[v] * scaleY;
        const float age = perStep > 0 ? static_cast<float>(step_[v] - from) * perStep : static_cast<float>(kAges - 1);
        drawSegment(x, y, nextX, nextY, ages_[std::min(kAges - 1, static_cast<std::size_t>(age))]);
        x = nextX;
        y = nextY;
    }
}

void TrackLayer::drawSegment(float x0, float y0, float x1, float y1, QRgb colour) {
    const auto right = static_cast<float>(target_.width), bottom = static_cast<float>(target_.height);
    // NaN (a gap in the track) fails every comparison.
    const bool inside =
        x0 >= 0 && x0 < right && y0 >= 0 && y0 < bottom && x1 >= 0 && x1 < right && y1 >= 0 && y1 < bottom;
    if (!inside) {
        if (!std::isfinite(x0 + y0 + x1 + y1) || !clipSegment(target_, x0, y0, x1, y1)) return;
    }
    if (smooth_)
        drawSmoothLine(target_, x0, y0, x1, y1, frame_.width, colour);
    else
        drawThinLine(target_, x0, y0, x1, y1, colour);
}

}  // namespace driftscope::space
