#pragma once

#include "core/job/job_registry.h"

namespace driftscope::cells {

/// cells.convert.
void registerExchangeJobs(JobRegistry& registry);

}  // namespace driftscope::cells
