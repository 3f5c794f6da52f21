#pragma once

#include "core/job/inner_runs.h"
#include "core/job/job_context.h"
#include "core/job/job_registry.h"
#include "core/llm/study/study_plan.h"

namespace driftscope::llm {

/// A grid of methods, poison ratios and seeds on one model.
struct StudyRequest {
    nlohmann::json align;       ///< parameters of every llm.align run: model, data, harmful_data, evaluation
    nlohmann::json finetune;    ///< of every llm.finetune run
    std::vector<Arm> arms;
    std::vector<double> ratios;
    std::vector<std::int64_t> seeds;
    StudySettings settings;
};

/// Runs the grid below the job's folder and writes results.csv (method, ratio, seed, stage, step, metric, value), runs.csv (which
/// folders hold a run) and summary.csv (mean and spread over seeds of the final values, and the cost of a step relative to sft).
/// Returns the summary: per method and ratio the means, and under "spread" the values of the seeds.
Result<nlohmann::json> runStudyGrid(JobContext& job, const JobRegistry& kinds, const StudyRequest& request);

}  // namespace driftscope::llm
