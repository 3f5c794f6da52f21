#pragma once

#include "core/job/job_registry.h"

namespace driftscope::cells {

/// cells.segment, cells.track: no LibTorch needed.
void registerCellJobs(JobRegistry& registry);

}  // namespace driftscope::cells
