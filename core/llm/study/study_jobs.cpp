#include "core/llm/study/study_jobs.h"

#include "core/llm/study/job_kinds.h"

namespace driftscope::llm {

void registerStudyJobs(JobRegistry& registry) {
    registry.add(pretrainKind());
    registry.add(alignKind());
    registry.add(finetuneKind());
    registry.add(evaluateKind());
    registry.add(driftKind());
    registry.add(studyKind());
    registry.add(demoKind());
    registry.add(reportKind());
}

}  // namespace driftscope::llm
