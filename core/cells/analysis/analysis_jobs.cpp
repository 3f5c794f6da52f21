#include "core/cells/analysis/analysis_jobs.h"

#include "core/cells/analysis/job_kinds.h"

namespace driftscope::cells {

void registerAnalysisJobs(JobRegistry& registry) {
    registry.add(msdKind());
    registry.add(smoothnessKind());
    registry.add(ranksKind());
    registry.add(alignKind());
    registry.add(responseKind());
    registry.add(mmdKind());
    registry.add(stitchKind());
    registry.add(featuresKind());
    registry.add(distillKind());
}

}  // namespace driftscope::cells
