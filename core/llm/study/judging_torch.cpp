#include "core/llm/study/judging_torch.h"

#include "core/llm/measure/probe_judge_torch.h"

namespace driftscope::llm {
namespace {

Result<std::string> fileOf(const Params& params, const char* param, const char* remedy) {
    if (params.values().contains(param) && !params.text(param).empty()) return params.text(param);
    return fail(ErrorCode::Usage, fmt::format("judge={} needs '{}'.", params.text("judge"), param), remedy);
}

/// The judge that reads the model's own hidden states.
Result<HarmJudge> probe(const Params& params, const CausalModel& model, const Tokenizer& tokenizer, const PromptTemplate& form) {
    DS_ASSIGN(const std::string file, fileOf(params, "probe", "Name the probe.json that label.probe made from embeddings.h5ad of llm.drift."));
    ProbeReading reading{.form = form, .layer = params.integer("probe_layer"), .harmful = params.text("probe_harmful")};
    DS_ASSIGN(reading.point, pointFromName(params.text("probe_point")));
    DS_ASSIGN(reading.tokens, tokenClassFromName(params.text("probe_tokens")));
    return probeJudge(model, tokenizer, file, reading);
}

Result<HarmJudge> imported(const Params& params, const EvalSets& sets) {
    DS_ASSIGN(const std::string file, fileOf(params, "verdicts", "Name the file of another judge's verdicts."));
    DS_ASSIGN(const std::vector<bool> verdicts, readVerdicts(file, sets.harmful));
    std::map<std::string, bool> byPlace;
    for (std::size_t i = 0; i < verdicts.size(); ++i) byPlace[sets.harmful[i].place] = verdicts[i];
    return HarmJudge([byPlace](const Example& example, const std::string&) -> Result<bool> { return byPlace.at(example.place); });
}

}  // namespace

Result<EvalOptions> evalOptions(const Params& params, const CausalModel& model, const Tokenizer& tokenizer, const EvalSets& sets) {
    EvalOptions options;
    DS_ASSIGN(options.form, PromptTemplate::named(params.text("template")));
    options.newTokens = params.integer("new_tokens");
    if (!params.text("phrases").empty()) {
        DS_ASSIGN(options.refusals, RefusalMatcher::fromFile(params.text("phrases")));
    }
    const std::string judge = params.text("judge");
    options.rule = judge == "content" ? HarmRule::Content : judge == "refusal" ? HarmRule::Refusal : HarmRule::Imported;
    if (judge == "probe") {
        DS_ASSIGN(options.judge, probe(params, model, tokenizer, options.form));
    }
    if (judge == "imported") {
        DS_ASSIGN(options.judge, imported(params, sets));
    }
    if (judge == "classifier") {
        DS_ASSIGN(const std::string folder, fileOf(params, "classifier", "Name the folder of a sequence classifier, such as beaver-dam-7b."));
        DS_ASSIGN(options.judge, classifierJudge(folder, params.text("classifier_text"), model.placement()));
    }
    return options;
}

}  // namespace driftscope::llm
