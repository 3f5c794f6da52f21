#include <nlohmann/json.hpp>

#include "core/base/atomic_file.h"
#include "core/job/job_context.h"
#include "core/llm/text/encoded_examples.h"
#include "core/llm/text/job_kinds.h"
#include "core/llm/text/mixture.h"
#include "core/llm/text/overlap.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

Result<std::vector<Example>> read(const Params& params, const std::string& name) {
    if (params.text(name).empty()) return std::vector<Example>{};
    return readExamples(params.text(name), {layoutNamed(params.text(name + "_layout")), params.flag("step_by_step")});
}

/// How the mixture looks as tokens of the model, when one is named.
Result<json> describeTokens(JobContext& job, const Mixture& mixture) {
    const Params& params = job.params();
    if (params.text("model").empty()) return json();
    DS_ASSIGN(const Tokenizer tokenizer, Tokenizer::open(params.text("model")));
    DS_ASSIGN(const PromptTemplate form, PromptTemplate::named(params.text("template")));
    DS_ASSIGN(const EncodedSet set,
              encodeExamples(tokenizer, form, mixture.examples, {.maximumLength = static_cast<std::size_t>(params.integer("max_length"))}));
    for (std::size_t one : set.withoutLoss)
        job.warn(fmt::format("{}: the prompt alone fills max_length, so there is nothing to learn.", mixture.examples[one].place));
    if (set.truncated > 0) job.warn(fmt::format("{} answers are cut at max_length.", set.truncated));
    std::size_t tokens = 0;
    for (const EncodedExample& one : set.examples) tokens += one.ids.size();
    return json{{"tokens", tokens},
                {"longest", set.longest},
                {"truncated", set.truncated},
                {"without_loss", set.withoutLoss.size()},
                {"shifted_boundaries", set.shiftedBoundaries}};
}

void warnOfOverlaps(JobContext& job, const OverlapReport& report) {
    for (const auto& one : report.within)
        if (one.repeatedRows > 0)
            job.warn(fmt::format("{} of {} rows of the {} set repeat another.", one.repeatedRows, one.rows, one.name));
    for (const auto& one : report.between)
        if (one.prompts > 0)
            job.warn(fmt::format("{} prompts are in both the {} and the {} set ({} with the same answer).", one.prompts, one.first,
                                 one.second, one.answersToo));
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(std::vector<Example> user, read(params, "user"));
    DS_ASSIGN(std::vector<Example> harmful, read(params, "harmful"));
    DS_ASSIGN(const std::vector<Example> alignment, read(params, "alignment"));
    DS_ASSIGN(const std::vector<Example> test, read(params, "test"));
    std::vector<NamedSet> sets{{"user", &user}};
    for (const auto& [name, set] :
         {std::pair<const char*, const std::vector<Example>*>{"harmful", &harmful}, {"alignment", &alignment}, {"test", &test}})
        if (!set->empty()) sets.push_back({name, set});
    const OverlapReport overlaps = findOverlaps(sets);
    warnOfOverlaps(job, overlaps);
    std::size_t removed = 0;
    if (params.flag("remove_repeats")) removed = removeRepeats(user, {&test}) + removeRepeats(harmful, {&test, &alignment});
    const MixtureRequest request{params.real("ratio"), static_cast<std::size_t>(params.integer("total")),
                                 params.text("counts") == "upstream", params.flag("sample"),
                                 static_cast<std::uint64_t>(params.integer("seed"))};
    DS_ASSIGN(const Mixture mixture, mix(user, harmful, request));
    DS_ASSIGN(const json tokens, describeTokens(job, mixture));
    std::string lines;
    for (const Example& example : mixture.examples) lines += toJson(example).dump() + "\n";
    DS_TRY(writeFileAtomically(job.out("mixture.jsonl"), lines));
    DS_TRY(writeFileAtomically(job.out("composition.csv"), compositionCsv(mixture)));
    json report = overlaps.toJson();
    report["mixture"] = {{"harmful", mixture.harmful},
                         {"benign", mixture.benign},
                         {"removed_repeats", removed},
                         {"user_rows_marked_harmful", mixture.passedOverUser},
                         {"harmful_rows_marked_safe", mixture.passedOverHarmful},
                         {"tokens", tokens}};
    DS_TRY(writeFileAtomically(job.out("report.json"), report.dump(1) + "\n"));
    return report["mixture"];
}

ParamSpec layout(const std::string& name) {
    return {.name = name + "_layout",
            .type = ParamType::Choice,
            .fallback = "auto",
            .help = "How the rows of '" + name + "' are written.",
            .choices = layoutNames(),
            .advanced = true};
}

ParamSpec set(const std::string& name, const std::string& help) {
    return {.name = name, .type = ParamType::Path, .help = help, .optional = name != "user"};
}

}  // namespace

JobKind mixKind() {
    return {"llm.mix",
            "Mix a fine-tuning set",
            "Mixes harmful examples into user data at an exact ratio. Writes mixture.jsonl, composition.csv (every row with its origin) "
            "and report.json: repeated rows and prompts that sets share.",
            {set("user", "The user's data (.jsonl, .json, .csv, .tsv)."),
             layout("user"),
             set("harmful", "Harmful examples to mix in."),
             layout("harmful"),
             set("alignment", "The alignment set, to compare with."),
             layout("alignment"),
             set("test", "Test prompts, to compare with."),
             layout("test"),
             {.name = "ratio",
              .type = ParamType::Real,
              .fallback = 0.1,
              .help = "Poison ratio p: the share of harmful examples.",
              .minimum = 0,
              .maximum = 1,
              .source = "Huang et al. 2024 (Vaccine)"},
             {.name = "total",
              .type = ParamType::Int,
              .fallback = 1000,
              .help = "Examples in all, n.",
              .minimum = 1,
              .source = "Vaccine, Booster: 1,000; Lisa: 5,000"},
             {.name = "counts",
              .type = ParamType::Choice,
              .fallback = "exact",
              .help = "exact: round(p n) harmful of n. upstream: int(p n) and int((1-p) n), which can lose an example.",
              .choices = {"exact", "upstream"},
              .advanced = true},
             {.name = "sample",
              .type = ParamType::Bool,
              .fallback = false,
              .help = "Draw rows at random instead of taking the first, as published.",
              .advanced = true},
             {.name = "remove_repeats",
              .type = ParamType::Bool,
              .fallback = false,
              .help = "Drop repeated rows, and rows whose prompt is in the test set (harmful ones also: in the alignment set)."},
             {.name = "step_by_step",
              .type = ParamType::Bool,
              .fallback = false,
              .help = "GSM8K: ask to think step by step, as Vaccine does.",
              .advanced = true},
             {.name = "model", .type = ParamType::Path, .help = "A model whose tokenizer counts the tokens.", .optional = true},
             {.name = "template",
              .type = ParamType::Choice,
              .fallback = "alpaca",
              .help = "Prompt template for counting tokens.",
              .choices = PromptTemplate::names(),
              .advanced = true},
             {.name = "max_length",
              .type = ParamType::Int,
              .fallback = 200,
              .help = "Tokens after which an example is cut.",
              .unit = "tokens",
              .minimum = 2,
              .source = "Vaccine 200, Booster 256, Lisa 2048",
              .advanced = true},
             {.name = "seed", .type = ParamType::Int, .fallback = 42, .help = "Seed of the draw.", .minimum = 0, .advanced = true}},
            run};
}

}  // namespace driftscope::llm
