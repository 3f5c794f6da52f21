#include "core/llm/model/adapter_torch.h"
#include "core/llm/model/compute_torch.h"
#include "core/llm/model/job_kinds.h"
#include "core/llm/model/prompts.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

Result<json> runMerge(JobContext& job) {
    const Params& params = job.params();
    const std::vector<std::string> adapters = params.texts("adapters");
    if (adapters.empty()) return fail(ErrorCode::Usage, "There is nothing to merge: 'adapters' is empty.", "Name one or more adapter folders.");
    DS_ASSIGN(const Compute compute, prepareCompute(job));
    DS_ASSIGN(CausalModel model, CausalModel::load(params.text("model"), compute.placement));
    DS_TRY(loadAdapterChain(model, adapters, true));
    const fs::path folder = job.out("model");
    DS_TRY(saveModel(folder, model));
    DS_TRY(copyTokenizer(params.text("model"), folder));
    return json{{"model", "model"}, {"merged", adapters.size()}};
}

}  // namespace

JobKind mergeKind() {
    std::vector<ParamSpec> params = modelParams();
    for (ParamSpec& spec : computeParams()) params.push_back(std::move(spec));
    return {"llm.merge", "Merge adapters into a model", "Adds LoRA adapters to the weights. Writes model/, a Hugging Face folder in the precision asked for.", std::move(params), runMerge};
}

}  // namespace driftscope::llm
