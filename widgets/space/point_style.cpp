#include "widgets/space/point_style.h"

#include <algorithm>
#include <atomic>

#include "core/base/thread_team.h"

namespace driftscope::space {

namespace {

constexpr std::size_t kBlocksPerTask = 256;
constexpr std::size_t kRanksPerTask = 65536;

}  // namespace

std::vector<std::uint64_t> toBits(const IdSet& ids, std::size_t size) {
    std::vector<std::uint64_t> bits((size + 63) / 64, 0);
    for (std::uint32_t id : ids.ids())
        if (id < size) bits[id >> 6] |= std::uint64_t{1} << (id & 63);
    return bits;
}

template <class Change>
void PointStyle::changeAll(Change change) {
    const std::span blocks = cloud_->blocks();
    blockStates_.resize(blocks.size());
    std::atomic<StyleWord> any{0};
    shareOutRanges(team_.get(), blocks.size(), kBlocksPerTask, [&](std::size_t begin, std::size_t end) {
        StyleWord anyHere = 0;
        for (std::size_t b = begin; b < end; ++b) {
            StyleWord anyOfBlock = 0, all = 0xFFFF;
            for (std::size_t rank = blocks[b].first; rank < blocks[b].first + std::size_t{blocks[b].count}; ++rank) {
                const StyleWord word = words_[rank] = change(rank, words_[rank]);
                anyOfBlock |= word;
                all &= word;
            }
            blockStates_[b] = {static_cast<StyleWord>(anyOfBlock & ~kCodeMask),
                               static_cast<StyleWord>(all & ~kCodeMask)};
            anyHere |= blockStates_[b].any;
        }
        any |= anyHere;
    });
    any_ = any;
}

void PointStyle::reset(std::shared_ptr<const PointCloud> cloud) {
    cloud_ = std::move(cloud);
    words_.assign(cloud_->drawable() + 1, 0);
    words_.back() = kBackgroundCode;
    blockStates_.assign(cloud_->blocks().size(), {});
    any_ = 0;
    pending_.reset();
}

void PointStyle::setCodes(Codes codeOfId) {
    pending_ = std::move(codeOfId);
    settledRanks_ = 0;
}

void PointStyle::setCodes(std::vector<std::uint16_t> codeOfId) {
    setCodes(std::make_shared<const std::vector<std::uint16_t>>(std::move(codeOfId)));
}

bool PointStyle::settle(Deadline deadline) {
    if (!pending_) return true;
    const std::span order = cloud_->order();
    const std::uint16_t* codes = pending_->data();
    constexpr std::size_t kAhead = 24;  // the reads are scattered: ask for them early
    while (settledRanks_ < order.size()) {
        const std::size_t first = settledRanks_;
        const std::size_t count = std::min(order.size() - first, 4 * kRanksPerTask);
        shareOutRanges(team_.get(), count, kRanksPerTask / 4, [&](std::size_t begin, std::size_t end) {
            for (std::size_t rank = first + begin; rank < first + end; ++rank) {
                if (rank + kAhead < order.size()) __builtin_prefetch(&codes[order[rank + kAhead]]);
                words_[rank] =
                    static_cast<StyleWord>((words_[rank] & ~kCodeMask) | (codes[order[rank]] & kCodeMask));
            }
        });
        settledRanks_ += count;
        if (settledRanks_ < order.size() && std::chrono::steady_clock::now() > deadline) return false;
    }
    pending_.reset();
    return true;
}

void PointStyle::setFlag(PointState flag, const IdSet& ids, bool inverted) {
    if (ids.empty() && !inverted && (any_ & flag) == 0) return;
    const auto bits = toBits(ids, cloud_->size());
    const std::span order = cloud_->order();
    const auto keep = static_cast<StyleWord>(~flag);
    const std::uint64_t flip = inverted ? 1 : 0;
    changeAll([&](std::size_t rank, StyleWord word) {
        const std::uint64_t member = ((bits[order[rank] >> 6] >> (order[rank] & 63)) & 1) ^ flip;
        return static_cast<StyleWord>((word & keep) | (member * flag));
    });
}

void PointStyle::hideCodes(const std::vector<bool>& hidden) {
    if ((any_ & kHidden) == 0 && std::find(hidden.begin(), hidden.end(), true) == hidden.end()) return;
    settle(Deadline::max());
    changeAll([&](std::size_t, StyleWord word) {
        const std::size_t code = word & kCodeMask;
        const bool hide = code < hidden.size() && hidden[code];
        return static_cast<StyleWord>((word & ~kHidden) | (hide ? kHidden : 0));
    });
}

}  // namespace driftscope::space
