#include "core/base/atomic_file.h"
#include "core/llm/model/adapter_torch.h"
#include "core/llm/model/compute_torch.h"
#include "core/llm/model/generate_torch.h"
#include "core/llm/model/job_kinds.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

Result<json> runGenerate(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const Compute compute, prepareCompute(job));
    DS_ASSIGN(CausalModel model, CausalModel::load(params.text("model"), compute.placement));
    DS_TRY(loadAdapterChain(model, params.texts("adapters"), true));
    GenerateOptions options;
    options.newTokens = params.integer("new_tokens");
    options.temperature = params.real("temperature");
    options.topP = params.real("top_p");
    options.seed = static_cast<std::uint64_t>(params.integer("seed"));
    if (!params.flag("ignore_eos")) options.eos = model.config().eos;
    DS_ASSIGN(const std::vector<Generation> answers, generate(model, {params.integers("ids")}, options, job.stopToken()));
    std::string lines;
    for (const Generation& answer : answers) lines += json{{"ids", answer.ids}, {"end", answer.end}}.dump() + "\n";
    DS_TRY(writeFileAtomically(job.out("generations.jsonl"), lines));
    return json{{"prompts", answers.size()}, {"new_tokens", answers[0].ids.size()}};
}

}  // namespace

JobKind generateKind() {
    std::vector<ParamSpec> params = modelParams();
    const std::vector<ParamSpec> own{
        {.name = "ids", .type = ParamType::IntList, .fallback = json::array(), .help = "Token ids of the prompt.", .minimum = 0},
        {.name = "new_tokens", .type = ParamType::Int, .fallback = 128, .help = "Longest answer.", .unit = "tokens", .minimum = 1, .maximum = 1e6, .source = "Vaccine"},
        {.name = "temperature", .type = ParamType::Real, .fallback = 0.0, .help = "Divides the logits before a token is drawn; 0 takes the likeliest.", .minimum = 0, .maximum = 100},
        {.name = "top_p", .type = ParamType::Real, .fallback = 1.0, .help = "Draws among the likeliest tokens whose probabilities reach this sum.", .minimum = 0, .maximum = 1},
        {.name = "ignore_eos", .type = ParamType::Bool, .fallback = false, .help = "Go on after the end-of-sequence token.", .advanced = true},
        {.name = "seed", .type = ParamType::Int, .fallback = 0, .help = "Seed of the draws.", .minimum = 0, .advanced = true}};
    params.insert(params.end(), own.begin(), own.end());
    for (ParamSpec& spec : computeParams()) params.push_back(std::move(spec));
    return {"llm.generate", "Generate text", "Continues prompts. Writes generations.jsonl.", std::move(params), runGenerate};
}

}  // namespace driftscope::llm
