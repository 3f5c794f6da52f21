#include "widgets/space/point_cloud.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace driftscope::space {

namespace {

/// Spreads 16 bits to the even bits of 32.
std::uint32_t spread(std::uint32_t v) {
    v = (v | (v << 8)) & 0x00FF00FFU;
    v = (v | (v << 4)) & 0x0F0F0F0FU;
    v = (v | (v << 2)) & 0x33333333U;
    return (v | (v << 1)) & 0x55555555U;
}

std::uint32_t cell(float value, float low, float perUnit) {
    return static_cast<std::uint32_t>(std::clamp((value - low) * perUnit, 0.0F, 65535.0F));
}

/// The range of the middle 99.8 % of a sample, so that a few far outliers do not coarsen the grid for everyone.
std::pair<float, float> robustRange(const std::vector<float>& values, const std::vector<std::uint32_t>& ids) {
    std::vector<float> sample;
    const std::size_t stride = std::max<std::size_t>(1, ids.size() / 65536);
    for (std::size_t i = 0; i < ids.size(); i += stride) sample.push_back(values[ids[i]]);
    const std::size_t cut = sample.size() / 1000;
    std::nth_element(sample.begin(), sample.begin() + static_cast<std::ptrdiff_t>(cut), sample.end());
    const float low = sample[cut];
    std::nth_element(sample.begin(), sample.end() - static_cast<std::ptrdiff_t>(cut) - 1, sample.end());
    return {low, sample[sample.size() - cut - 1]};
}

/// Sorts (key << 32 | id) by the key: three passes of 11 bits.
bool radixSort(std::vector<std::uint64_t>& items, const std::stop_token& stop) {
    std::vector<std::uint64_t> other(items.size());
    for (int shift = 32; shift < 64; shift += 11) {
        if (stop.stop_requested()) return false;
        std::vector<std::size_t> begin(2049, 0);
        for (std::uint64_t item : items) ++begin[((item >> shift) & 2047) + 1];
        for (std::size_t d = 0; d < 2048; ++d) begin[d + 1] += begin[d];
        for (std::uint64_t item : items) other[begin[(item >> shift) & 2047]++] = item;
        items.swap(other);
    }
    return true;
}

/// SplitMix64: a fixed stream per block, so that the same points always give the same picture.
std::uint64_t nextRandom(std::uint64_t& state) {
    std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

}  // namespace

std::uint32_t zOrder(std::uint32_t column, std::uint32_t row) {
    return spread(column) | (spread(row) << 1);
}

std::shared_ptr<const PointCloud> PointCloud::arrange(std::vector<float> x, std::vector<float> y,
                                                      std::stop_token stop) {
    auto cloud = std::make_shared<PointCloud>();
    const std::size_t count = std::min(x.size(), y.size());
    x.resize(count);
    y.resize(count);
    cloud->x_ = std::move(x);
    cloud->y_ = std::move(y);
    cloud->order_.reserve(count);
    for (std::uint32_t id = 0; id < count; ++id)
        if (cloud->isDrawable(id)) cloud->order_.push_back(id);
    if (!cloud->order_.empty()) {
        cloud->sortByMorton(stop);
        if (stop.stop_requested()) return nullptr;
        cloud->cutIntoBlocks();
    }
    return cloud;
}

bool PointCloud::isDrawable(std::uint32_t id) const {
    // Beyond 1e18 differences of floats overflow; such values are errors, not positions. NaN fails the comparison too.
    constexpr float kLimit = 1e18F;
    return id < x_.size() && std::abs(x_[id]) < kLimit && std::abs(y_[id]) < kLimit;
}

void PointCloud::sortByMorton(std::stop_token stop) {
    const auto [lowX, highX] = robustRange(x_, order_);
    const auto [lowY, highY] = robustRange(y_, order_);
    const float perX = highX > lowX ? 65535.0F / (highX - lowX) : 0.0F;
    const float perY = highY > lowY ? 65535.0F / (highY - lowY) : 0.0F;
    std::vector<std::uint64_t> items(order_.size());
    for (std::size_t i = 0; i < order_.size(); ++i) {
        const std::uint32_t id = order_[i];
        const std::uint32_t key = zOrder(cell(x_[id], lowX, perX), cell(y_[id], lowY, perY));
        items[i] = (std::uint64_t{key} << 32) | id;
    }
    if (!radixSort(items, stop)) return;
    std::transform(items.begin(), items.end(), order_.begin(),
                   [](std::uint64_t item) { return static_cast<std::uint32_t>(item); });
}

void PointCloud::cutIntoBlocks() {
    quantaX_.resize(order_.size());
    quantaY_.resize(order_.size());
    blocks_.reserve(order_.size() / kBlockSize + 1);
    sampleX_.resize((order_.size() / kBlockSize + 1) * kSample);
    sampleY_.resize(sampleX_.size());
    float left = std::numeric_limits<float>::max(), bottom = left, right = -left, top = -left;
    for (std::size_t first = 0; first < order_.size(); first += kBlockSize) {
        const std::size_t count = std::min(kBlockSize, order_.size() - first);
        std::uint64_t random = first;
        for (std::size_t i = count - 1; i > 0; --i)
            std::swap(order_[first + i], order_[first + nextRandom(random) % (i + 1)]);
        Block block;
        block.first = static_cast<Rank>(first);
        block.count = static_cast<std::uint16_t>(count);
        quantise(block);
        left = std::min(left, block.x);
        bottom = std::min(bottom, block.y);
        right = std::max(right, block.x + block.stepX * 65535.0F);
        top = std::max(top, block.y + block.stepY * 65535.0F);
        blocks_.push_back(block);
    }
    bounds_ = QRectF(QPointF(left, bottom), QPointF(right, top));
}

void PointCloud::quantise(Block& block) {
    float right = std::numeric_limits<float>::lowest(), top = right;
    block.x = block.y = std::numeric_limits<float>::max();
    const std::span ids = std::span(order_).subspan(block.first, block.count);
    for (std::uint32_t id : ids) {
        block.x = std::min(block.x, x_[id]);
        block.y = std::min(block.y, y_[id]);
        right = std::max(right, x_[id]);
        top = std::max(top, y_[id]);
    }
    block.stepX = (right - block.x) / 65535.0F;
    block.stepY = (top - block.y) / 65535.0F;
    const auto quantum = [](float value, float low, float step) {
        return static_cast<std::uint16_t>(step > 0 ? std::min(65535.0F, (value - low) / step + 0.5F) : 0.0F);
    };
    for (std::size_t i = 0; i < ids.size(); ++i) {
        quantaX_[block.first + i] = quantum(x_[ids[i]], block.x, block.stepX);
        quantaY_[block.first + i] = quantum(y_[ids[i]], block.y, block.stepY);
    }
    const std::size_t sampled = std::min(kSample, ids.size()), at = block.first / (kBlockSize / kSample);
    std::copy_n(quantaX(block), sampled, sampleX_.begin() + static_cast<std::ptrdiff_t>(at));
    std::copy_n(quantaY(block), sampled, sampleY_.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace driftscope::space
