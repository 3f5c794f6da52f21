#pragma once

#include "core/job/job_registry.h"

namespace driftscope::debate {

/// debate.play, debate.measure, debate.scale, debate.optimize, debate.compare, debate.claims.
void registerDebateJobs(JobRegistry& registry);

}  // namespace driftscope::debate
