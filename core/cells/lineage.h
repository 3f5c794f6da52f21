#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/cells/track_table.h"

namespace driftscope::cells {

/// One track as a whole.
struct TrackSummary {
    std::int64_t trackId = 0;
    std::int64_t parent = -1;  ///< -1 also when the named parent is not in the table
    std::int64_t root = 0;     ///< the earliest known ancestor: the lineage id of the reference
    std::int64_t firstFrame = 0;
    std::int64_t lastFrame = 0;
    int generation = 0;                   ///< 0 for a root
    std::vector<std::int64_t> daughters;  ///< ascending
    std::vector<std::size_t> rows;        ///< indices into TrackTable::detections, by ascending frame
};

/// The family trees of one field of view.
class Lineages {
  public:
    /// Errors: a track that is its own ancestor (the cycle is spelled out). Parents that are not in the table are
    /// treated as unknown.
    static Result<Lineages> make(std::span<const Detection> detections);

    const std::map<std::int64_t, TrackSummary>& tracks() const { return tracks_; }
    const TrackSummary* find(std::int64_t trackId) const;
    /// The earliest ancestor; `trackId` itself for roots and unknown tracks.
    std::int64_t root(std::int64_t trackId) const;
    /// `root` and all its descendants, mothers before daughters.
    std::vector<std::int64_t> members(std::int64_t root) const;
    /// Tracks that end in two or more daughters.
    std::size_t divisions() const;
    /// Parents named by tracks but absent from the table.
    const std::vector<std::int64_t>& unknownParents() const { return unknownParents_; }

  private:
    std::map<std::int64_t, TrackSummary> tracks_;
    std::vector<std::int64_t> unknownParents_;
};

}  // namespace driftscope::cells
