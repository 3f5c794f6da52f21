#pragma once

#include "core/job/job_registry.h"

namespace driftscope::llm {

/// llm.pretrain, llm.align, llm.finetune, llm.evaluate, llm.drift, llm.study, llm.demo, llm.report.
void registerStudyJobs(JobRegistry& registry);

}  // namespace driftscope::llm
