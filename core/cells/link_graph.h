#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/cells/link.h"

namespace driftscope::cells {

/// Objects of all frames as one list, and who follows whom. Working data of Linker::link().
class LinkGraph {
  public:
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;

    LinkGraph(const std::vector<std::vector<Region>>& frames, const LinkSettings& settings);

    /// Joins each frame to the next. `overlaps[t]` belongs to frames t-1 and t.
    void linkFrames(const std::vector<std::vector<Overlap>>& overlaps);
    /// Decides for each track that begins late whether it continues an interrupted one, is born of a mother, or is new.
    void explainStarts();

    std::size_t size() const { return nodes_.size(); }
    const Region& region(std::uint32_t node) const { return *nodes_[node]; }
    std::uint32_t frame(std::uint32_t node) const { return frame_[node]; }
    std::uint32_t next(std::uint32_t node) const { return next_[node]; }
    std::uint32_t previous(std::uint32_t node) const { return previous_[node]; }
    std::uint32_t mother(std::uint32_t node) const { return mother_[node]; }  ///< last object of the mother's track
    double maxDistance() const { return maxDistance_; }
    std::size_t closedGaps() const { return closedGaps_; }
    std::size_t divisions() const { return divisions_; }

  private:
    double distance(std::uint32_t a, std::uint32_t b) const;
    double change(std::uint32_t a, std::uint32_t b) const;
    std::uint32_t lifetime(std::uint32_t node) const;
    std::vector<std::uint32_t> near(std::uint32_t node, std::uint32_t frame, double radius) const;
    double divisionCost(std::uint32_t mother, std::uint32_t first, std::uint32_t second) const;
    double gapCost(std::uint32_t end, std::uint32_t start) const;
    void divide(std::uint32_t mother, std::uint32_t second);

    LinkSettings settings_;
    std::uint32_t frames_ = 0;
    std::vector<std::uint32_t> first_;  ///< per frame: its first node; one more entry at the end
    std::vector<const Region*> nodes_;
    std::vector<std::uint32_t> frame_, next_, previous_, mother_;
    std::vector<std::uint32_t> byY_;  ///< nodes of each frame by rising y
    double maxDistance_ = 0;
    std::size_t closedGaps_ = 0, divisions_ = 0;
};

}  // namespace driftscope::cells
