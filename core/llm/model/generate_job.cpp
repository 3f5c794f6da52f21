#include "core/base/atomic_file.h"
#include "core/base/fingerprint.h"
#include "core/llm/model/adapter_torch.h"
#include "core/llm/model/compute_torch.h"
#include "core/llm/model/generate_torch.h"
#include "core/llm/model/job_kinds.h"
#include "core/llm/model/prompts.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

Result<void> answerBatch(JobContext& job, const CausalModel& model, const std::vector<Prompt>& prompts, GenerateOptions options, const Tokenizer* tokenizer, std::string& lines) {
    std::optional<StopTexts> stop;
    if (tokenizer) stop.emplace(*tokenizer, job.params().texts("stop"));
    if (stop) options.stop = [&](const std::vector<std::int64_t>& ids) { return stop->reached(ids); };
    std::vector<std::vector<std::int64_t>> ids;
    for (const Prompt& prompt : prompts) ids.push_back(prompt.ids);
    DS_ASSIGN(const std::vector<Generation> answers, generate(model, ids, options, job.stopToken()));
    for (std::size_t i = 0; i < answers.size(); ++i) {
        json line{{"ids", answers[i].ids}, {"end", answers[i].end}};
        if (tokenizer) line["prompt"] = prompts[i].text, line["text"] = stop->cut(decodeIds(*tokenizer, answers[i].ids));
        lines += line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    }
    return {};
}

Result<json> runGenerate(JobContext& job) {
    const Params& params = job.params();
    std::optional<Tokenizer> tokenizer;
    DS_ASSIGN(const std::vector<Prompt> prompts, readPrompts(job, tokenizer));
    DS_ASSIGN(const Compute compute, prepareCompute(job));
    DS_ASSIGN(CausalModel model, CausalModel::load(params.text("model"), compute.placement));
    DS_TRY(loadAdapterChain(model, params.texts("adapters"), true));
    if (tokenizer) DS_TRY(tokenizer->checkFits(model.config().vocab));
    GenerateOptions options;
    options.newTokens = params.integer("new_tokens");
    options.temperature = params.real("temperature");
    options.topP = params.real("top_p");
    if (!params.flag("ignore_eos")) options.eos = model.config().eos;
    const auto size = static_cast<std::size_t>(params.integer("batch"));
    std::string lines;
    for (std::size_t begin = 0; begin < prompts.size(); begin += size) {
        const std::size_t end = std::min(prompts.size(), begin + size);
        options.seed = randomBits(static_cast<std::uint64_t>(params.integer("seed")), 3, begin);
        DS_TRY(answerBatch(job, model, {prompts.begin() + static_cast<std::ptrdiff_t>(begin), prompts.begin() + static_cast<std::ptrdiff_t>(end)}, options,
                           tokenizer ? &*tokenizer : nullptr, lines));
        job.progress(static_cast<double>(end), static_cast<double>(prompts.size()), "prompt");
    }
    DS_TRY(writeFileAtomically(job.out("generations.jsonl"), lines));
    return json{{"prompts", prompts.size()}, {"file", "generations.jsonl"}};
}

}  // namespace

JobKind generateKind() {
    std::vector<ParamSpec> params = modelParams();
    for (ParamSpec& spec : promptParams(true)) params.push_back(std::move(spec));
    const std::vector<ParamSpec> own{
        {.name = "stop", .type = ParamType::TextList, .fallback = json::array(), .help = "Texts that end an answer and are left out of it."},
        {.name = "batch", .type = ParamType::Int, .fallback = 16, .help = "Prompts answered together.", .minimum = 1, .maximum = 65536},
        {.name = "new_tokens", .type = ParamType::Int, .fallback = 128, .help = "Longest answer.", .unit = "tokens", .minimum = 1, .maximum = 1e6, .source = "Vaccine"},
        {.name = "temperature", .type = ParamType::Real, .fallback = 0.0, .help = "Divides the logits before a token is drawn; 0 takes the likeliest.", .minimum = 0, .maximum = 100},
        {.name = "top_p", .type = ParamType::Real, .fallback = 1.0, .help = "Draws among the likeliest tokens whose probabilities reach this sum.", .minimum = 0, .maximum = 1},
        {.name = "ignore_eos", .type = ParamType::Bool, .fallback = false, .help = "Go on after the end-of-sequence token.", .advanced = true},
        {.name = "seed", .type = ParamType::Int, .fallback = 0, .help = "Seed of the draws.", .minimum = 0, .advanced = true}};
    params.insert(params.end(), own.begin(), own.end());
    for (ParamSpec& spec : computeParams()) params.push_back(std::move(spec));
    return {"llm.generate", "Generate text", "Continues prompts. Writes generations.jsonl: prompt, text, ids and why each answer ended.", std::move(params), runGenerate};
}

}  // namespace driftscope::llm
