#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/table/embedding_table.h"
#include "core/table/trajectories.h"

namespace driftscope::cells {

struct StitchOptions {
    std::int64_t mostGap = 3;        ///< frames that may be missing between two pieces
    double mostDistance = 50;        ///< between last and first position, same unit as the positions
    double mostFeatureDistance = 2;  ///< cosine distance of the features at both ends; 2 lets everything pass
    double featureWeight = 1;        ///< cost = distance / mostDistance + weight * cosine distance
};

/// A piece that continues another one.
struct StitchLink {
    std::uint32_t before = 0, after = 0;  ///< indices of tracks
    std::int64_t gap = 0;                 ///< missing frames between them
    double distance = 0;
    double featureDistance = 0;
};

/// Links tracks that end without daughters to tracks that begin without a mother, one to one, at the least total cost (exact
/// assignment). `field` separates positions: pieces of different fields never meet. `hasDaughters`, `hasMother`: per track.
std::vector<StitchLink> stitchTracks(std::span<const Trajectory> tracks, const Matrix& positions, const Matrix& features, std::span<const std::int32_t> field,
                                     std::span<const std::uint8_t> hasDaughters, std::span<const std::uint8_t> hasMother, const StitchOptions& options);

/// The courses of a lineage from root to leaf: mother and one daughter branch each, as tracks in order of time. `parent` is the
/// index of each track's mother or itself.
std::vector<std::vector<std::uint32_t>> lineagePaths(std::span<const std::uint32_t> parent);

}  // namespace driftscope::cells
