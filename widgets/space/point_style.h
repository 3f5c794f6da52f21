#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/table/selection.h"
#include "widgets/space/point_cloud.h"

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

/// Colour code and state flags of every point, kept in drawing order so that drawing reads them in sequence.
class PointStyle {
  public:
    struct BlockStates {
        StyleWord any = 0;  ///< flags some point of the block has
        StyleWord all = 0;  ///< flags all of them have
    };

    /// Forgets everything: code 0 and no flags for all points.
    void reset(std::shared_ptr<const PointCloud> cloud);
    /// One colour code per id, below kMaxCodes.
    void setCodes(std::span<const std::uint16_t> codeOfId);
    /// Sets `flag` on exactly `ids`, or on all others when `inverted`.
    void setFlag(PointState flag, const IdSet& ids, bool inverted = false);
    /// Hides the points whose code has a true entry.
    void hideCodes(const std::vector<bool>& hidden);

    /// One word per rank, and one more that means background: see noRank().
    std::span<const StyleWord> words() const { return words_; }
    /// The rank of "no point".
    Rank noRank() const { return words_.empty() ? 0 : static_cast<Rank>(words_.size() - 1); }
    const BlockStates& blockStates(std::size_t block) const { return blockStates_[block]; }
    /// Flags that at least one point has.
    StyleWord anyState() const { return any_; }

  private:
    void summarise();

    std::shared_ptr<const PointCloud> cloud_;
    std::vector<StyleWord> words_;
    std::vector<BlockStates> blockStates_;
    StyleWord any_ = 0;
};

/// One bit per id; for sets that are asked about millions of times.
std::vector<std::uint64_t> toBits(const IdSet& ids, std::size_t size);

}  // namespace driftscope::space
