#pragma once

#include "core/job/job_registry.h"

namespace driftscope::debate {

/// debate.compare, debate.claims.
void registerStudyJobs(JobRegistry& registry);

}  // namespace driftscope::debate
