#pragma once

#include <functional>

#include "core/cells/exchange/masks.h"

namespace driftscope::cells {

/// Writes a Cell Tracking Challenge result: mask000.tif … (16 bit) and res_track.txt. The challenge wants tracks without gaps: one
/// with a gap becomes two, the second descending from the first. `step` is called after each frame and may stop the work.
/// Errors: the folder holds a result already, more than 65535 tracks, an unwritable folder.
Result<void> writeCtc(const std::filesystem::path& folder, const TrackSet& set, const TrackMasks& masks, const std::function<Result<void>(std::int64_t frame)>& step);

}  // namespace driftscope::cells
