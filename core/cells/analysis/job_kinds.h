#pragma once

#include "core/job/job_registry.h"

namespace driftscope::cells {

// The kinds that registerAnalysisJobs() registers, one file each.
JobKind msdKind();
JobKind smoothnessKind();
JobKind ranksKind();
JobKind alignKind();
JobKind responseKind();
JobKind mmdKind();
JobKind stitchKind();
JobKind featuresKind();
JobKind distillKind();

}  // namespace driftscope::cells
