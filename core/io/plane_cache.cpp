#include "core/io/plane_cache.h"

#include <algorithm>

namespace driftscope::io {
namespace {

/// Reading this many windows takes about as long as decoding the plane.
constexpr int kWindowsForAPlane = 6;
constexpr std::size_t kMostCounts = 4096;

FloatImage cutOut(const FloatImage& plane, const Region& region) {
    FloatImage image(region.width, region.height);
    for (int y = 0; y < region.height; ++y) {
        const auto row = plane.pixels.begin() + static_cast<std::ptrdiff_t>(region.y + y) * plane.width + region.x;
        std::copy_n(row, region.width, image.pixels.begin() + static_cast<std::ptrdiff_t>(y) * region.width);
    }
    return image;
}

bool isInside(const Region& region, const FloatImage& plane) {
    return region.y >= 0 && region.x >= 0 && region.height > 0 && region.width > 0 && region.height <= plane.height - region.y && region.width <= plane.width - region.x;
}

}  // namespace

Result<std::shared_ptr<const FloatImage>> PlaneCache::get(const std::shared_ptr<const TimeLapse>& source, std::int64_t t, std::int64_t c, std::int64_t z) {
    const Key key{source.get(), t, c, z};
    if (auto known = find(key)) return known;
    DS_ASSIGN(FloatImage decoded, source->plane(t, c, z));
    auto image = std::make_shared<const FloatImage>(std::move(decoded));
    const std::lock_guard lock(mutex_);
    const auto [place, added] = entries_.try_emplace(key);
    if (!added) return place->second.image;
    windows_.erase(key);
    order_.push_front(key);
    place->second = {source, image, order_.begin()};
    used_ += sizeOf(*image);
    trim();
    return image;
}

std::shared_ptr<const FloatImage> PlaneCache::find(const Key& key) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second.place);
    return found->second.image;
}

bool PlaneCache::wantsWhole(const Key& key) {
    const std::lock_guard lock(mutex_);
    if (windows_.size() > kMostCounts) windows_.clear();
    return ++windows_[key] > kWindowsForAPlane;
}

Result<FloatImage> PlaneCache::window(const std::shared_ptr<const TimeLapse>& source, std::int64_t t, std::int64_t c, std::int64_t z, const Region& region) {
    const Key key{source.get(), t, c, z};
    std::shared_ptr<const FloatImage> plane = find(key);
    if (!plane && source->readsWindows() && !wantsWhole(key)) {
        DS_ASSIGN(auto stack, source->stack(t, c, z, z + 1, region));
        return std::move(stack.front());
    }
    if (!plane) {
        DS_ASSIGN(plane, get(source, t, c, z));
    }
    if (!isInside(region, *plane)) return fail(ErrorCode::BadInput, fmt::format("{}: the window does not lie inside the plane.", source->path().string()));
    return cutOut(*plane, region);
}

void PlaneCache::setBudget(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    budget_ = bytes;
    trim();
}

std::size_t PlaneCache::bytes() const {
    const std::lock_guard lock(mutex_);
    return used_;
}

void PlaneCache::trim() {
    while (used_ > budget_ && !order_.empty()) {
        const auto oldest = entries_.find(order_.back());
        used_ -= sizeOf(*oldest->second.image);
        entries_.erase(oldest);
        order_.pop_back();
    }
}

}  // namespace driftscope::io
