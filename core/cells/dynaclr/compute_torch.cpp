#include "core/cells/dynaclr/compute_torch.h"

#include "core/cells/dynaclr/job_kinds.h"
#include "core/tensor/device.h"

namespace driftscope::cells {

std::vector<ParamSpec> computeParams() {
    return {{.name = "threads", .type = ParamType::Int, .fallback = 0, .help = "Threads of the computation; 0 takes all cores. Leave one free while working in the window.", .minimum = 0, .maximum = 1024, .advanced = true},
            {.name = "precision", .type = ParamType::Choice, .fallback = "fp32", .help = "Arithmetic of convolutions and matrix products; norms and weights stay fp32. bf16 is about twice as fast on processors with AVX-512 BF16 and on GPUs.", .choices = {"fp32", "bf16"}, .advanced = true}};
}

Result<Compute> prepareCompute(JobContext& job) {
    Compute compute;
    DS_ASSIGN(compute.device, tensor::pickDevice(job.device()));
    tensor::useThreads(job.params().integer("threads"));
    compute.precision = job.params().text("precision") == "bf16" ? Precision::BFloat16 : Precision::Float32;
    const tensor::BlasReport blas = tensor::inspectBlas();
    if (const auto warning = tensor::blasWarning(blas)) job.warn(*warning);
    compute.description = tensor::describe(compute.device, blas);
    job.log(compute.description);
    return compute;
}

}  // namespace driftscope::cells
