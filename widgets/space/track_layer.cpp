#include "widgets/space/track_layer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <tuple>

#include "core/base/thread_team.h"
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

/// Blocks of tracks between two looks at the clock.
constexpr std::size_t kTracksPerLook = 64;
constexpr std::size_t kBandsPerThread = 3;

/// Tracks along the Z-order curve of where they begin: neighbours are drawn after each other, into the same memory.
std::vector<std::size_t> byPlace(const PointCloud& cloud, const std::vector<std::vector<std::uint32_t>>& rows) {
    const QRectF bounds = cloud.bounds();
    const auto cell = [](double value, double low, double size) {
        return size > 0 ? static_cast<std::uint32_t>(std::clamp((value - low) / size * 65535, 0.0, 65535.0)) : 0U;
    };
    std::vector<std::pair<std::uint32_t, std::size_t>> keys;
    for (std::size_t t = 0; t < rows.size(); ++t) {
        const auto known = std::ranges::find_if(rows[t], [&](std::uint32_t id) { return cloud.isDrawable(id); });
        if (known == rows[t].end())
            keys.emplace_back(0, t);
        else
            keys.emplace_back(zOrder(cell(cloud.x(*known), bounds.left(), bounds.width()),
                                     cell(cloud.y(*known), bounds.top(), bounds.height())), t);
    }
    std::ranges::sort(keys);
    std::vector<std::size_t> order;
    order.reserve(keys.size());
    for (const auto& [key, track] : keys) order.push_back(track);
    return order;
}

}  // namespace

void TrackLayer::set(const PointCloud& cloud, const std::vector<std::vector<std::uint32_t>>& rows,
                     std::span<const std::int64_t> stepOfPoint) {
    begin_.assign(1, 0);
    x_.clear();
    y_.clear();
    step_.clear();
    boxes_.clear();
    bands_.clear();
    constexpr float kNaN = std::numeric_limits<float>::quiet_NaN(), kMost = std::numeric_limits<float>::max();
    for (const std::size_t t : byPlace(cloud, rows)) {
        const auto& track = rows[t];
        Box box{kMost, kMost, -kMost, -kMost, true};
        for (std::size_t i = 0; i < track.size(); ++i) {
            const std::uint32_t id = track[i];
            const bool drawable = cloud.isDrawable(id);
            x_.push_back(drawable ? cloud.x(id) : kNaN);
            y_.push_back(drawable ? cloud.y(id) : kNaN);
            step_.push_back(id < stepOfPoint.size() ? stepOfPoint[id] : static_cast<std::int64_t>(i));
            box.whole &= drawable;
            if (!drawable) continue;
            box.left = std::min(box.left, x_.back());
            box.bottom = std::min(box.bottom, y_.back());
            box.right = std::max(box.right, x_.back());
            box.top = std::max(box.top, y_.back());
        }
        begin_.push_back(x_.size());
        boxes_.push_back(box);
    }
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
    planBands();
}

QRectF TrackLayer::onTarget(const Box& box) const {
    const QPointF shift(PixelGrid::kMargin - kInset, PixelGrid::kMargin - kInset);
    return {frame_.view.toPixels(box.left, box.top) + shift, frame_.view.toPixels(box.right, box.bottom) + shift};
}

/// Lists the tracks in view and cuts the picture into bands with about equally many of their vertices.
void TrackLayer::planBands() {
    const int height = target_.height;
    std::vector<std::uint32_t> shown;
    std::vector<std::pair<int, int>> rows;  // of each shown track, with room for wide lines
    std::vector<std::size_t> weight(static_cast<std::size_t>(std::max(1, height)), 0);
    std::size_t all = 0;
    const auto row = [&](double y) { return static_cast<int>(std::clamp(y, 0.0, std::max(1, height) - 1.0)); };
    for (std::uint32_t t = 0; t < boxes_.size(); ++t) {
        if (!sampled(t, frame_.sample) || boxes_[t].left > boxes_[t].right) continue;
        const QRectF box = onTarget(boxes_[t]);
        if (box.right() < 0 || box.left() >= target_.width || box.bottom() < 0 || box.top() >= height) continue;
        shown.push_back(t);
        rows.emplace_back(row(box.top() - kInset), row(box.bottom() + kInset));
        weight[static_cast<std::size_t>(row(box.center().y()))] += begin_[t + 1] - begin_[t];
        all += begin_[t + 1] - begin_[t];
    }
    const std::size_t threads = team_ ? team_->size() : 1, wanted = threads == 1 ? 1 : kBandsPerThread * threads;
    std::vector<std::size_t> bandOfRow(weight.size());
    std::size_t band = 0, sum = 0;
    bands_.assign(1, Band{target_, {}, 0});
    for (std::size_t y = 0; y < weight.size(); ++y) {
        if (sum > 0 && sum * wanted >= all * (band + 1) && band + 1 < wanted) {
            ++band;
            bands_.back().target.bottom = static_cast<int>(y);
            bands_.push_back({target_, {}, 0});
            bands_.back().target.top = static_cast<int>(y);
        }
        bandOfRow[y] = band;
        sum += weight[y];
    }
    for (std::size_t i = 0; i < shown.size(); ++i)
        for (std::size_t at = bandOfRow[static_cast<std::size_t>(rows[i].first)];
             at <= bandOfRow[static_cast<std::size_t>(rows[i].second)]; ++at)
            bands_[at].tracks.push_back(shown[i]);
}

bool TrackLayer::advance(Deadline deadline) {
    shareOut(team_.get(), bands_.size(), [&](std::size_t i) { drawBand(bands_[i], deadline); });
    for (const Band& band : bands_)
        if (band.next < band.tracks.size()) return false;
    bands_.clear();
    if (!back_.isNull()) front_.swap(back_);
    return true;
}

void TrackLayer::drawBand(Band& band, Deadline deadline) const {
    while (band.next < band.tracks.size()) {
        const std::size_t end = std::min(band.tracks.size(), band.next + kTracksPerLook);
        for (; band.next < end; ++band.next) drawTrack(band.tracks[band.next], band.target);
        if (std::chrono::steady_clock::now() > deadline) return;
    }
}

std::optional<TrackLayer::Part> TrackLayer::partOf(std::size_t track) const {
    Part part{begin_[track], begin_[track + 1], 0, 0};
    if (part.last - part.first < 2) return {};
    std::int64_t to = step_[part.last - 1];
    part.from = step_[part.first];
    if (frame_.window) {
        std::tie(part.from, to) = *frame_.window;
        const auto begin = step_.begin() + static_cast<std::ptrdiff_t>(part.first);
        const auto end = step_.begin() + static_cast<std::ptrdiff_t>(part.last);
        part.first = static_cast<std::size_t>(std::lower_bound(begin, end, part.from) - step_.begin());
        part.last = static_cast<std::size_t>(std::upper_bound(begin, end, to) - step_.begin());
        if (part.last < part.first + 2) return {};
    }
    part.perStep = to > part.from ? static_cast<float>(kAges - 1) / static_cast<float>(to - part.from) : 0.0F;
    return part;
}

QRgb TrackLayer::colourAt(const Part& part, std::size_t vertex) const {
    if (part.perStep <= 0) return ages_[kAges - 1];
    const float age = static_cast<float>(step_[vertex] - part.from) * part.perStep;
    return ages_[std::min(kAges - 1, static_cast<std::size_t>(std::max(0.0F, age)))];
}

void TrackLayer::drawTrack(std::size_t track, const LineTarget& target) const {
    const auto part = partOf(track);
    if (!part) return;
    const Box& box = boxes_[track];
    const std::size_t stride = box.whole ? frame_.stride : 1;
    const QRectF place = onTarget(box);
    // Wholly in the picture, with a pixel to spare for rounding: nothing to clip, nothing to check per segment.
    if (!smooth_ && box.whole && place.left() >= 1 && place.top() >= 1 && place.right() < target.width - 1 &&
        place.bottom() < target.height - 1)
        return drawInside(*part, stride, target);
    const auto scaleX = static_cast<float>(frame_.view.scaleX), scaleY = static_cast<float>(frame_.view.scaleY);
    const auto offsetX = static_cast<float>(frame_.view.offsetX) + PixelGrid::kMargin - kInset;
    const auto offsetY = static_cast<float>(frame_.view.offsetY) + PixelGrid::kMargin - kInset;
    float x = x_[part->first] * scaleX + offsetX, y = offsetY - y_[part->first] * scaleY;
    for (std::size_t v = part->first; v + 1 < part->last;) {
        v = std::min(v + stride, part->last - 1);
        const float nextX = x_[v] * scaleX + offsetX, nextY = offsetY - y_[v] * scaleY;
        drawSegment(target, x, y, nextX, nextY, colourAt(*part, v));
        x = nextX;
        y = nextY;
    }
}

void TrackLayer::drawInside(const Part& part, std::size_t stride, const LineTarget& target) const {
    const auto scaleX = static_cast<float>(frame_.view.scaleX), scaleY = static_cast<float>(frame_.view.scaleY);
    const auto offsetX = static_cast<float>(frame_.view.offsetX) + PixelGrid::kMargin - kInset;
    const auto offsetY = static_cast<float>(frame_.view.offsetY) + PixelGrid::kMargin - kInset;
    auto column = static_cast<int>(x_[part.first] * scaleX + offsetX);
    auto row = static_cast<int>(offsetY - y_[part.first] * scaleY);
    for (std::size_t v = part.first; v + 1 < part.last;) {
        v = std::min(v + stride, part.last - 1);
        const auto nextColumn = static_cast<int>(x_[v] * scaleX + offsetX);
        const auto nextRow = static_cast<int>(offsetY - y_[v] * scaleY);
        drawThinSteps(target, column, row, nextColumn, nextRow, colourAt(part, v));
        column = nextColumn;
        row = nextRow;
    }
}

void TrackLayer::drawSegment(const LineTarget& target, float x0, float y0, float x1, float y1, QRgb colour) const {
    const auto right = static_cast<float>(target.width), bottom = static_cast<float>(target.height);
    // NaN (a gap in the track) fails every comparison.
    const bool inside =
        x0 >= 0 && x0 < right && y0 >= 0 && y0 < bottom && x1 >= 0 && x1 < right && y1 >= 0 && y1 < bottom;
    if (!inside) {
        if (!std::isfinite(x0 + y0 + x1 + y1) || !clipSegment(target, x0, y0, x1, y1)) return;
    }
    if (smooth_)
        drawSmoothLine(target, x0, y0, x1, y1, frame_.width, colour);
    else
        drawThinLine(target, x0, y0, x1, y1, colour);
}

}  // namespace driftscope::space
