#pragma once

#include "core/job/job_registry.h"

namespace driftscope::cells {

/// cells.msd, cells.smoothness, cells.ranks, cells.align, cells.response, cells.mmd, cells.stitch, cells.features.
void registerAnalysisJobs(JobRegistry& registry);

}  // namespace driftscope::cells
