#pragma once

#include "core/job/job_registry.h"

namespace driftscope::llm {

/// llm.tokenize, llm.train_tokenizer, llm.mix, llm.judge, llm.demo_data.
void registerLlmTextJobs(JobRegistry& registry);

}  // namespace driftscope::llm
