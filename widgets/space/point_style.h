#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/table/selection.h"
#include "widgets/space/point_cloud.h"

namespace driftscope {
class ThreadTeam;
}

namespace driftscope::space {

/// A point's look in one word: the colour code in the low 12 bits, state flags above.
using StyleWord = std::uint16_t;
inline constexpr StyleWord kCodeMask = 0x0FFF;
inline constexpr StyleWord kBackgroundCode = kCodeMask;  ///< what pixels without a point are drawn with
inline constexpr std::size_t kMaxCodes = kBackgroundCode;

enum PointState : StyleWord {
    kHidden = 0x1000,      ///< not drawn, not pickable (its class is switched off)
    kDimmed = 0x2000,      ///< drawn behind everything as context, not pickable (filtered out)
    kSelected = 0x4000,    ///< drawn over the rest
    kEmphasised = 0x8000,  ///< drawn larger and topmost (the current frame)
};

/// Colour code and state flags of every point, kept in drawing order so that drawing reads them in sequence. New codes
/// come in the order of ids and are put into drawing order later, by settle(): until then a picture looks up the codes
/// of the points that are seen, a few of ten million.
class PointStyle {
  public:
    using Codes = std::shared_ptr<const std::vector<std::uint16_t>>;
    using Deadline = std::chrono::steady_clock::time_point;
    struct BlockStates {
        StyleWord any = 0;  ///< flags some point of the block has
        StyleWord all = 0;  ///< flags all of them have
    };

    /// Whoever works here brings helpers along.
    void setTeam(std::shared_ptr<ThreadTeam> team) { team_ = std::move(team); }
    /// Forgets everything: code 0 and no flags for all points.
    void reset(std::shared_ptr<const PointCloud> cloud);
    /// One colour code per id, below kMaxCodes.
    void setCodes(Codes codeOfId);
    void setCodes(std::vector<std::uint16_t> codeOfId);
    /// Sets `flag` on exactly `ids`, or on all others when `inverted`.
    void setFlag(PointState flag, const IdSet& ids, bool inverted = false);
    /// Hides the points whose code has a true entry.
    void hideCodes(const std::vector<bool>& hidden);

    /// Goes on putting codes into drawing order until done (true) or past the deadline (false).
    bool settle(Deadline deadline);
    bool settled() const { return pending_ == nullptr; }
    /// By id, when they are not yet in drawing order; else null.
    const std::uint16_t* pendingCodes() const { return pending_ ? pending_->data() : nullptr; }

    /// One word per rank, and one more that means background: see noRank(). The flags always hold; the codes when
    /// settled().
    std::span<const StyleWord> words() const { return words_; }
    /// The whole word of one point.
    StyleWord word(Rank rank) const {
        if (!pending_) return words_[rank];
        return static_cast<StyleWord>((words_[rank] & ~kCodeMask) | ((*pending_)[cloud_->id(rank)] & kCodeMask));
    }
    /// The rank of "no point".
    Rank noRank() const { return words_.empty() ? 0 : static_cast<Rank>(words_.size() - 1); }
    const BlockStates& blockStates(std::size_t block) const { return blockStates_[block]; }
    /// Flags that at least one point has.
    StyleWord anyState() const { return any_; }

  private:
    /// Calls change(rank, word) -> word for every point and sums up the flags.
    template <class Change>
    void changeAll(Change change);

    std::shared_ptr<ThreadTeam> team_;
    std::shared_ptr<const PointCloud> cloud_;
    std::vector<StyleWord> words_;
    std::vector<BlockStates> blockStates_;
    StyleWord any_ = 0;
    Codes pending_;
    std::size_t settledRanks_ = 0;
};

/// One bit per id; for sets that are asked about millions of times.
std::vector<std::uint64_t> toBits(const IdSet& ids, std::size_t size);

}  // namespace driftscope::space
