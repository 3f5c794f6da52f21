#include "core/llm/model/model_jobs.h"

#include "core/llm/model/job_kinds.h"

namespace driftscope::llm {

std::vector<ParamSpec> modelParams() {
    return {{.name = "model", .type = ParamType::Path, .help = "Hugging Face model folder: config.json, model.safetensors (or shards with their index) and the tokenizer's files."},
            {.name = "adapters", .type = ParamType::PathList, .fallback = nlohmann::json::array(), .help = "PEFT LoRA folders, applied in this order: each is merged before the next (double LoRA is two folders)."}};
}

void registerModelJobs(JobRegistry& registry) {
    registry.add(logitsKind());
    registry.add(generateKind());
    registry.add(mergeKind());
}

}  // namespace driftscope::llm
