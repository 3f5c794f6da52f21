#include "core/cells/cells_jobs.h"

#include "core/cells/job_kinds.h"

namespace driftscope::cells {

void registerCellJobs(JobRegistry& registry) {
    registry.add(segmentKind());
    registry.add(trackKind());
    registry.add(exportLabelsKind());
    registry.add(importLabelsKind());
    registry.add(editTracksKind());
}

}  // namespace driftscope::cells
