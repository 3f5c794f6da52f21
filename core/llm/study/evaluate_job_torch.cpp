#include "core/base/atomic_file.h"
#include "core/llm/measure/evaluation_torch.h"
#include "core/llm/measure/probe_judge_torch.h"
#include "core/llm/model/adapter_torch.h"
#include "core/llm/model/compute_torch.h"
#include "core/llm/model/job_kinds.h"
#include "core/llm/study/job_kinds.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

Result<EvalOptions> evalOptions(const Params& params, const Compute& compute, const EvalSets& sets) {
    EvalOptions options;
    DS_ASSIGN(options.form, PromptTemplate::named(params.text("template")));
    options.newTokens = params.integer("new_tokens");
    options.batch = static_cast<std::size_t>(params.integer("batch"));
    if (!params.text("phrases").empty()) {
        DS_ASSIGN(options.refusals, RefusalMatcher::fromFile(params.text("phrases")));
    }
    const std::string rule = params.text("judge");
    options.rule = rule == "content" ? HarmRule::Content : rule == "refusal" ? HarmRule::Refusal : HarmRule::Imported;
    if (rule == "classifier") {
        if (params.text("classifier").empty()) return fail(ErrorCode::Usage, "judge=classifier needs 'classifier'.", "Name the folder of a sequence classifier, such as beaver-dam-7b.");
        DS_ASSIGN(options.judge, classifierJudge(params.text("classifier"), params.text("classifier_text"), compute.placement));
    }
    if (rule == "imported") {
        if (params.text("verdicts").empty()) return fail(ErrorCode::Usage, "judge=imported needs 'verdicts'.", "Name the file of another judge's verdicts.");
        DS_ASSIGN(const std::vector<bool> verdicts, readVerdicts(params.text("verdicts"), sets.harmful));
        std::map<std::string, bool> byPlace;
        for (std::size_t i = 0; i < verdicts.size(); ++i) byPlace[sets.harmful[i].place] = verdicts[i];
        options.judge = [byPlace](const Example& example, const std::string&) -> Result<bool> { return byPlace.at(example.place); };
    }
    return options;
}

/// The judge that reads the model's own hidden states.
Result<HarmJudge> readProbeJudge(const Params& params, const CausalModel& model, const Tokenizer& tokenizer, const PromptTemplate& form) {
    if (params.text("probe").empty()) return fail(ErrorCode::Usage, "judge=probe needs 'probe'.", "Name the probe.json that label.probe wrote.");
    ProbeReading reading{.form = form, .layer = params.integer("probe_layer"), .harmful = params.text("probe_harmful")};
    DS_ASSIGN(reading.point, pointFromName(params.text("probe_point")));
    DS_ASSIGN(reading.tokens, tokenClassFromName(params.text("probe_tokens")));
    return probeJudge(model, tokenizer, params.text("probe"), reading);
}

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
    DS_ASSIGN(EvalOptions options, evalOptions(params, compute, sets));
    DS_ASSIGN(CausalModel model, CausalModel::load(params.text("model"), compute.placement));
    DS_TRY(loadAdapterChain(model, params.texts("adapters"), true));
    DS_ASSIGN(const Tokenizer tokenizer, Tokenizer::open(params.text("model")));
    DS_TRY(tokenizer.checkFits(model.config().vocab));
    if (params.text("judge") == "probe") {
        DS_ASSIGN(options.judge, readProbeJudge(params, model, tokenizer, options.form));
    }
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
        {.name = "judge", .type = ParamType::Choice, .fallback = "refusal", .help = "refusal: harmful unless it refuses. content: harmful when it holds the test's whole content. classifier: a model's verdict. probe: a linear probe on the model's own hidden states, as labels in the Drift panel train it. imported: verdicts of another judge.", .choices = {"refusal", "content", "classifier", "probe", "imported"}},
        {.name = "phrases", .type = ParamType::Path, .help = "Refusal phrases of your own, one a line.", .optional = true},
        {.name = "classifier", .type = ParamType::Path, .help = "Folder of a Llama-type sequence classifier, such as beaver-dam-7b.", .optional = true},
        {.name = "classifier_text", .type = ParamType::Text, .fallback = "BEGINNING OF CONVERSATION: USER: {prompt} ASSISTANT:{answer}", .help = "What the classifier reads.", .source = "beaver-dam-7b", .advanced = true},
        {.name = "probe", .type = ParamType::Path, .help = "probe.json of label.probe, trained on the hidden states of llm.drift.", .optional = true},
        {.name = "probe_point", .type = ParamType::Text, .fallback = "attention_out", .help = "Where the probe reads: attention_out, mlp_out, residual or final_norm.", .advanced = true},
        {.name = "probe_layer", .type = ParamType::Int, .fallback = 0, .help = "Layer that the probe reads.", .minimum = 0, .maximum = 1e4, .advanced = true},
        {.name = "probe_tokens", .type = ParamType::Text, .fallback = "response", .help = "Tokens whose mean it reads, as llm.drift's tokens: last_prompt reads what the model is about to do, response what it said.", .advanced = true},
        {.name = "probe_harmful", .type = ParamType::Text, .fallback = "", .help = "The probe's class that counts as harmful; empty takes harmful, else complied.", .advanced = true},
        {.name = "verdicts", .type = ParamType::Path, .help = "Verdicts of another judge, in the order of the harmful prompts.", .optional = true},
        {.name = "new_tokens", .type = ParamType::Int, .fallback = 128, .help = "Longest answer.", .unit = "tokens", .minimum = 1, .maximum = 1e6, .source = "Vaccine 128, Booster and Lisa 512"},
        {.name = "batch", .type = ParamType::Int, .fallback = 16, .help = "Prompts answered together.", .minimum = 1, .maximum = 65536}};
    params.insert(params.end(), own.begin(), own.end());
    for (ParamSpec& spec : computeParams()) params.push_back(std::move(spec));
    return {"llm.evaluate", "Evaluate a model's answers", "Answers harmful, benign and task prompts greedily and judges the answers. Writes answers.jsonl and scores.json: harmful score, HS+, over-refusal and accuracy with their 95 % intervals.", std::move(params), runEvaluate};
}

}  // namespace driftscope::llm
