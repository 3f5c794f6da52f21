#include "core/llm/model/compute_torch.h"

#include "core/tensor/device.h"

namespace driftscope::llm {

std::vector<ParamSpec> computeParams() {
    return {{.name = "threads", .type = ParamType::Int, .fallback = 0, .help = "Threads of the computation; 0 takes all cores. Leave one free while working in the window.", .minimum = 0, .maximum = 1024, .advanced = true},
            {.name = "precision", .type = ParamType::Choice, .fallback = "fp32", .help = "Arithmetic of the model; adapters, losses and the optimiser stay fp32 or better. fp16 needs a GPU, fp64 is for comparisons.", .choices = {"fp32", "bf16", "fp16", "fp64"}, .advanced = true}};
}

Result<Compute> prepareCompute(JobContext& job) {
    Compute compute;
    DS_ASSIGN(compute.placement.device, tensor::pickDevice(job.device()));
    tensor::useThreads(job.params().integer("threads"));
    const std::string precision = job.params().text("precision");
    if (precision == "fp16" && compute.placement.device.is_cpu())
        return fail(ErrorCode::Device, "float16 arithmetic is not available on the CPU.", "Use precision=fp32 or bf16, or --device cuda.");
    compute.placement.type = precision == "bf16" ? torch::kBFloat16 : precision == "fp16" ? torch::kFloat16 : precision == "fp64" ? torch::kFloat64 : torch::kFloat32;
    const tensor::BlasReport blas = tensor::inspectBlas();
    if (const auto warning = tensor::blasWarning(blas)) job.warn(*warning);
    compute.description = tensor::describe(compute.placement.device, blas);
    job.log(compute.description);
    return compute;
}

}  // namespace driftscope::llm
