#include "core/base/atomic_file.h"
#include "core/llm/measure/evaluation_torch.h"
#include "core/llm/model/adapter_torch.h"
#include "core/llm/model/compute_torch.h"
#include "core/llm/model/job_kinds.h"
#include "core/llm/study/job_kinds.h"
#include "core/llm/study/judging_torch.h"
#include "core/llm/train/training_params.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

Result<json> runEvaluate(JobContext& job) {
    const Params& params = job.params();
    EvalSets sets;
    for (const auto& [param, set] : {std::pair<const char*, std::vector<Example>*>{"harmful", &sets.harmful}, {"benign", &sets.benign}, {"task", &sets.task}}) {
        if (params.text(param).empty()) continue;
        DS_ASSIGN(*set, readExamples(params.text(param)));
        if (const auto limit = static_cast<std::size_t>(params.integer("samples")); limit > 0 && set->size() > limit) set->resize(limit);
    }
    if (sets.empty()) return fail(ErrorCode::Usage, "None of 'harmful', 'benign' and 'task' is set: there is nothing to answer.", "Name at least one file of prompts.");
    DS_ASSIGN(const Compute compute, prepareCompute(job));
    DS_ASSIGN(CausalModel model, CausalModel::load(params.text("model"), compute.placement));
    DS_TRY(loadAdapterChain(model, params.texts("adapters"), true));
    DS_ASSIGN(const Tokenizer tokenizer, Tokenizer::open(params.text("model")));
    DS_TRY(tokenizer.checkFits(model.config().vocab));
    DS_ASSIGN(EvalOptions options, evalOptions(params, model, tokenizer, sets));
    options.batch = static_cast<std::size_t>(params.integer("batch"));
    DS_ASSIGN(const EvalReport report, evaluate(model, tokenizer, sets, options, job.stopToken()));
    if (!sets.harmful.empty() && report.harmful.card.harmful.trials == 0)
        return fail(ErrorCode::BadInput, "No harmful prompt has a 'content' list, so the content judge cannot tell harm.", "Use another judge.");
    DS_TRY(writeFileAtomically(job.out("answers.jsonl"), answerLines(sets, report)));
    const json scores = report.toJson();
    DS_TRY(writeFileAtomically(job.out("scores.json"), scores.dump(1) + "\n"));
    return scores;
}

}  // namespace

JobKind evaluateKind() {
    std::vector<ParamSpec> params = modelParams();
    const std::vector<ParamSpec> own{
        {.name = "harmful", .type = ParamType::Path, .help = "Harmful prompts, for the harmful score.", .optional = true},
        {.name = "benign", .type = ParamType::Path, .help = "Benign prompts, for over-refusal and what is still known.", .optional = true},
        {.name = "task", .type = ParamType::Path, .help = "Prompts of the user's task with their answers, for its accuracy.", .optional = true},
        {.name = "template", .type = ParamType::Choice, .fallback = "alpaca", .help = "How an example becomes the text the model reads.", .choices = PromptTemplate::names()},
        {.name = "samples", .type = ParamType::Int, .fallback = 0, .help = "Prompts of each file; 0 takes all.", .minimum = 0, .maximum = 1e9},
        {.name = "new_tokens", .type = ParamType::Int, .fallback = 128, .help = "Longest answer.", .unit = "tokens", .minimum = 1, .maximum = 1e6, .source = "Vaccine 128, Booster and Lisa 512"},
        {.name = "batch", .type = ParamType::Int, .fallback = 16, .help = "Prompts answered together.", .minimum = 1, .maximum = 65536}};
    params.insert(params.end(), own.begin(), own.end());
    for (ParamSpec& spec : judgeParams(true)) params.push_back(std::move(spec));
    for (ParamSpec& spec : computeParams()) params.push_back(std::move(spec));
    return {"llm.evaluate", "Evaluate a model's answers", "Answers harmful, benign and task prompts greedily and judges the answers. Writes answers.jsonl and scores.json: harmful score, HS+, over-refusal and accuracy with their 95 % intervals.", std::move(params), runEvaluate};
}

}  // namespace driftscope::llm
