#pragma once

#include "core/job/job_registry.h"

namespace driftscope::llm {

/// llm.logits, llm.generate, llm.merge.
void registerModelJobs(JobRegistry& registry);

}  // namespace driftscope::llm
