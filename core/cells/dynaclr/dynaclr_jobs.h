#pragma once

#include "core/job/job_registry.h"

namespace driftscope::cells {

/// cells.train, cells.embed, cells.encode.
void registerDynaclrJobs(JobRegistry& registry);

}  // namespace driftscope::cells
