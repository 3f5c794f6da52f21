#include "core/llm/text/llm_text_jobs.h"

#include "core/llm/text/job_kinds.h"

namespace driftscope::llm {

void registerLlmTextJobs(JobRegistry& registry) {
    registry.add(tokenizeKind());
    registry.add(trainTokenizerKind());
    registry.add(mixKind());
    registry.add(judgeKind());
    registry.add(demoDataKind());
}

}  // namespace driftscope::llm
