#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/cells/track_table.h"
#include "core/job/job_context.h"

namespace driftscope::cells {

/// The tracks of every position of the plate `tracks`, or of those in `positions`; what is odd is warned about.
Result<std::vector<TrackTable>> readPlateTracks(JobContext& job);

}  // namespace driftscope::cells
