#pragma once

#include "core/job/job_registry.h"

namespace driftscope::llm {

/// llm.tokenize.
void registerLlmTextJobs(JobRegistry& registry);

}  // namespace driftscope::llm
