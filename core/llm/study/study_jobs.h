#pragma once

#include "core/job/job_registry.h"

namespace driftscope::llm {

/// llm.pretrain, llm.align, llm.finetune.
void registerStudyJobs(JobRegistry& registry);

}  // namespace driftscope::llm
