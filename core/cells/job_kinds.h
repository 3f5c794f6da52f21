#pragma once

#include "core/job/job_registry.h"

namespace driftscope::cells {

// The kinds that registerCellJobs() registers, one file each.
JobKind segmentKind();
JobKind trackKind();
JobKind exportLabelsKind();
JobKind importLabelsKind();
JobKind editTracksKind();

}  // namespace driftscope::cells
