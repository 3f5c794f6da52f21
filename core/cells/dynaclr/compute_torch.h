#pragma once

#include "core/cells/dynaclr/encoder_torch.h"
#include "core/job/job_context.h"

namespace driftscope::cells {

/// Where and how a job computes, from --device and the shared parameters `threads` and `precision`.
struct Compute {
    torch::Device device{torch::kCPU};
    Precision precision = Precision::Float32;
    std::string description;  ///< for provenance
};

/// Picks the device, sets the threads and warns about a reference BLAS. Errors (exit 4): CUDA asked for and absent.
Result<Compute> prepareCompute(JobContext& job);

}  // namespace driftscope::cells
