#pragma once

#include "core/job/job_context.h"
#include "core/llm/model/weights_torch.h"

namespace driftscope::llm {

/// Where and how a job computes, from --device and the shared parameters `threads` and `precision`.
struct Compute {
    Placement placement;
    std::string description;  ///< for provenance
};

/// Parameters every kind that runs a model shares.
std::vector<ParamSpec> computeParams();

/// Picks the device, sets the threads and warns about a reference BLAS. Errors (exit 4): CUDA asked for and absent, fp16 on
/// the CPU.
Result<Compute> prepareCompute(JobContext& job);

}  // namespace driftscope::llm
