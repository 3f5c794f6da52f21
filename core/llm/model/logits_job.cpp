#include "core/base/atomic_file.h"
#include "core/io/npy.h"
#include "core/llm/model/adapter_torch.h"
#include "core/llm/model/compute_torch.h"
#include "core/llm/model/generate_torch.h"
#include "core/llm/model/job_kinds.h"
#include "core/llm/model/prompts.h"
#include "core/tensor/guard.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

Result<json> runLogits(JobContext& job) {
    const Params& params = job.params();
    std::optional<Tokenizer> tokenizer;
    DS_ASSIGN(const std::vector<Prompt> prompts, readPrompts(job, tokenizer));
    const std::vector<std::int64_t>& ids = prompts[0].ids;
    DS_ASSIGN(const Compute compute, prepareCompute(job));
    DS_ASSIGN(CausalModel model, CausalModel::load(params.text("model"), compute.placement));
    DS_TRY(loadAdapterChain(model, params.texts("adapters"), true));
    if (tokenizer) DS_TRY(tokenizer->checkFits(model.config().vocab));
    DS_TRY(checkIds(model.config(), ids, "the prompt"));
    const auto count = static_cast<std::int64_t>(ids.size());
    if (count == 0) return fail(ErrorCode::BadInput, "The prompt has no tokens.", "Give a text.");
    if (count > model.config().positions)
        return fail(ErrorCode::BadInput, fmt::format("The prompt has {} tokens; this model reads {}.", count, model.config().positions), "Shorten the prompt.");
    return tensor::guarded("computing logits", [&]() -> Result<json> {
        const torch::InferenceMode inference;
        ForwardInput input;
        input.ids = torch::tensor(ids, torch::kInt64).unsqueeze(0).to(compute.placement.device);
        const Tensor logits = model.logits(model.hidden(input))[0].to(torch::kCPU, torch::kFloat32).contiguous();
        const std::vector<std::int64_t> shape = logits.sizes().vec();
        DS_TRY(io::writeNpy(job.out("logits.npy"), shape, {logits.data_ptr<float>(), static_cast<std::size_t>(logits.numel())}));
        DS_TRY(writeFileAtomically(job.out("ids.json"), json(ids).dump() + "\n"));
        return json{{"tokens", count}, {"vocabulary", model.config().vocab}, {"next", logits[count - 1].argmax().item<std::int64_t>()}};
    });
}

}  // namespace

JobKind logitsKind() {
    std::vector<ParamSpec> params = modelParams();
    for (ParamSpec& spec : promptParams(false)) params.push_back(std::move(spec));
    for (ParamSpec& spec : computeParams()) params.push_back(std::move(spec));
    return {"llm.logits", "Next-token logits", "Reads a prompt. Writes ids.json and logits.npy (tokens x vocabulary, float32).", std::move(params), runLogits};
}

}  // namespace driftscope::llm
