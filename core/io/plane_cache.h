#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>

#include "core/base/error.h"
#include "core/io/image.h"
#include "core/io/time_lapse.h"

namespace driftscope::io {

/// Decoded planes, the least recently used ones leave first when the budget is full. Thread-safe; two threads that miss
/// the same plane may both decode it, and the first one's is kept.
class PlaneCache {
  public:
    explicit PlaneCache(std::size_t bytes) : budget_(bytes) {}

    /// The plane from memory, or decoded now. Errors: those of TimeLapse::plane(). A plane larger than the budget is
    /// returned but not kept.
    Result<std::shared_ptr<const FloatImage>> get(const std::shared_ptr<const TimeLapse>& source, std::int64_t t, std::int64_t c, std::int64_t z);

    /// A window of the plane: cut from memory when the plane is kept, else read by itself. A plane whose windows are asked
    /// for again and again (all cells of one frame) is decoded and kept. `region` must lie inside the plane.
    Result<FloatImage> window(const std::shared_ptr<const TimeLapse>& source, std::int64_t t, std::int64_t c, std::int64_t z, const Region& region);

    void setBudget(std::size_t bytes);
    std::size_t bytes() const;

  private:
    using Key = std::tuple<const TimeLapse*, std::int64_t, std::int64_t, std::int64_t>;
    struct Entry {
        std::shared_ptr<const TimeLapse> source;  ///< keeps the key's address from being used again
        std::shared_ptr<const FloatImage> image;
        std::list<Key>::iterator place;
    };
    static std::size_t sizeOf(const FloatImage& image) { return image.pixels.size() * sizeof(float); }
    void trim();
    std::shared_ptr<const FloatImage> find(const Key& key);
    /// Counts the windows read from a plane that is not kept; true when the whole plane is the better choice.
    bool wantsWhole(const Key& key);

    mutable std::mutex mutex_;
    std::size_t budget_;
    std::size_t used_ = 0;
    std::list<Key> order_;  ///< most recently used first
    std::map<Key, Entry> entries_;
    std::map<Key, int> windows_;  ///< read from planes that are not kept
};

}  // namespace driftscope::io
