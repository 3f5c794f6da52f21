#include "core/io/plane_cache.h"

namespace driftscope::io {

Result<std::shared_ptr<const FloatImage>> PlaneCache::get(const std::shared_ptr<const TimeLapse>& source, std::int64_t t, std::int64_t c, std::int64_t z) {
    const Key key{source.get(), t, c, z};
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = entries_.find(key); found != entries_.end()) {
            order_.splice(order_.begin(), order_, found->second.place);
            return found->second.image;
        }
    }
    DS_ASSIGN(FloatImage decoded, source->plane(t, c, z));
    auto image = std::make_shared<const FloatImage>(std::move(decoded));
    const std::lock_guard lock(mutex_);
    const auto [place, added] = entries_.try_emplace(key);
    if (!added) return place->second.image;
    order_.push_front(key);
    place->second = {source, image, order_.begin()};
    used_ += sizeOf(*image);
    trim();
    return image;
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
