#include "widgets/space/point_style.h"

#include <algorithm>

namespace driftscope::space {

std::vector<std::uint64_t> toBits(const IdSet& ids, std::size_t size) {
    std::vector<std::uint64_t> bits((size + 63) / 64, 0);
    for (std::uint32_t id : ids.ids())
        if (id < size) bits[id >> 6] |= std::uint64_t{1} << (id & 63);
    return bits;
}

void PointStyle::reset(std::shared_ptr<const PointCloud> cloud) {
    cloud_ = std::move(cloud);
    words_.assign(cloud_->drawable() + 1, 0);
    words_.back() = kBackgroundCode;
    summarise();
}

void PointStyle::setCodes(std::span<const std::uint16_t> codeOfId) {
    const std::span order = cloud_->order();
    constexpr std::size_t kAhead = 24;  // the reads are scattered: ask for them early
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        if (rank + kAhead < order.size()) __builtin_prefetch(&codeOfId[order[rank + kAhead]]);
        const StyleWord code = codeOfId[order[rank]] & kCodeMask;
        words_[rank] = static_cast<StyleWord>((words_[rank] & ~kCodeMask) | code);
    }
}

void PointStyle::setFlag(PointState flag, const IdSet& ids, bool inverted) {
    if (ids.empty() && !inverted && (any_ & flag) == 0) return;
    const auto bits = toBits(ids, cloud_->size());
    const std::span order = cloud_->order();
    const auto keep = static_cast<StyleWord>(~flag);
    const std::uint64_t flip = inverted ? 1 : 0;
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        const std::uint64_t member = ((bits[order[rank] >> 6] >> (order[rank] & 63)) & 1) ^ flip;
        words_[rank] = static_cast<StyleWord>((words_[rank] & keep) | (member * flag));
    }
    summarise();
}

void PointStyle::hideCodes(const std::vector<bool>& hidden) {
    if ((any_ & kHidden) == 0 && std::find(hidden.begin(), hidden.end(), true) == hidden.end()) return;
    for (std::size_t rank = 0; rank + 1 < words_.size(); ++rank) {
        const std::size_t code = words_[rank] & kCodeMask;
        const bool hide = code < hidden.size() && hidden[code];
        words_[rank] = static_cast<StyleWord>((words_[rank] & ~kHidden) | (hide ? kHidden : 0));
    }
    summarise();
}

void PointStyle::summarise() {
    const std::span blocks = cloud_->blocks();
    blockStates_.resize(blocks.size());
    any_ = 0;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        StyleWord any = 0, all = 0xFFFF;
        for (std::size_t i = 0; i < blocks[b].count; ++i) {
            any |= words_[blocks[b].first + i];
            all &= words_[blocks[b].first + i];
        }
        blockStates_[b] = {static_cast<StyleWord>(any & ~kCodeMask), static_cast<StyleWord>(all & ~kCodeMask)};
        any_ |= blockStates_[b].any;
    }
}

}  // namespace driftscope::space
