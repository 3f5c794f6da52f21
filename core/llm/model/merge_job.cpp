#include "core/llm/model/adapter_torch.h"
#include "core/llm/model/compute_torch.h"
#include "core/llm/model/job_kinds.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// Files beside the weights that make the merged folder a model of its own.
Result<void> copyCompanions(const fs::path& from, const fs::path& to) {
    for (const char* name : {"tokenizer.json", "tokenizer_config.json", "tokenizer.model", "vocab.json", "merges.txt", "special_tokens_map.json", "added_tokens.json",
                             "generation_config.json", "chat_template.jinja"}) {
        if (!fs::exists(from / name)) continue;
        std::error_code code;
        fs::copy_file(from / name, to / name, fs::copy_options::overwrite_existing, code);
        if (code) return fail(ErrorCode::Io, fmt::format("{} cannot be copied to {}: {}.", (from / name).string(), to.string(), code.message()));
    }
    return {};
}

Result<json> runMerge(JobContext& job) {
    const Params& params = job.params();
    const std::vector<std::string> adapters = params.texts("adapters");
    if (adapters.empty()) return fail(ErrorCode::Usage, "There is nothing to merge: 'adapters' is empty.", "Name one or more adapter folders.");
    DS_ASSIGN(const Compute compute, prepareCompute(job));
    DS_ASSIGN(CausalModel model, CausalModel::load(params.text("model"), compute.placement));
    DS_TRY(loadAdapterChain(model, adapters, true));
    const fs::path folder = job.out("model");
    DS_TRY(saveModel(folder, model));
    DS_TRY(copyCompanions(params.text("model"), folder));
    return json{{"model", "model"}, {"merged", adapters.size()}};
}

}  // namespace

JobKind mergeKind() {
    std::vector<ParamSpec> params = modelParams();
    for (ParamSpec& spec : computeParams()) params.push_back(std::move(spec));
    return {"llm.merge", "Merge adapters into a model", "Adds LoRA adapters to the weights. Writes model/, a Hugging Face folder in the precision asked for.", std::move(params), runMerge};
}

}  // namespace driftscope::llm
