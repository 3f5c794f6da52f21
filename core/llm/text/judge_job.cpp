#include <nlohmann/json.hpp>

#include "core/base/atomic_file.h"
#include "core/job/job_context.h"
#include "core/llm/text/job_kinds.h"
#include "core/llm/text/judge.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

/// The answers' own rows carry the prompt and what the model said; `tests` what it was wanted to say.
Result<std::vector<Example>> readTests(const Params& params, const std::vector<Example>& answers) {
    if (params.text("tests").empty()) {
        std::vector<Example> prompts = answers;
        for (Example& prompt : prompts) prompt.output.clear();
        return prompts;
    }
    DS_ASSIGN(std::vector<Example> tests, readExamples(params.text("tests")));
    if (tests.size() != answers.size())
        return fail(ErrorCode::BadInput, fmt::format("There are {} answers to {} tests.", answers.size(), tests.size()),
                    "Judge the answers with the test file they were made from.");
    for (std::size_t i = 0; i < tests.size(); ++i)
        if (trimmed(tests[i].instruction) != trimmed(answers[i].instruction) || trimmed(tests[i].input) != trimmed(answers[i].input))
            return fail(ErrorCode::BadInput, fmt::format("{} asks something else than {}.", answers[i].place, tests[i].place),
                        "Answers must stand in the order of the tests.");
    return tests;
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const std::vector<Example> answers, readExamples(params.text("answers"), {.layout = Layout::Instruction}));
    DS_ASSIGN(const std::vector<Example> tests, readTests(params, answers));
    RefusalMatcher refusals = RefusalMatcher::standard();
    if (!params.text("phrases").empty()) {
        DS_ASSIGN(refusals, RefusalMatcher::fromFile(params.text("phrases")));
    }
    const std::string name = params.text("judge");
    const HarmRule rule = name == "content" ? HarmRule::Content : name == "imported" ? HarmRule::Imported : HarmRule::Refusal;
    std::vector<bool> imported;
    if (rule == HarmRule::Imported) {
        if (params.text("verdicts").empty())
            return fail(ErrorCode::Usage, "The imported judge needs the other judge's verdicts.", "Name their file: --set verdicts=FILE.");
        DS_ASSIGN(imported, readVerdicts(params.text("verdicts"), answers));
    }
    ScoreCard card;
    std::string lines;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const Verdict verdict =
            judge(tests[i], answers[i].output, refusals, rule, imported.empty() ? std::nullopt : std::optional<bool>(imported[i]));
        card.count(verdict);
        json line = toJson(answers[i]);
        line["verdict"] = toJson(verdict);
        lines += line.dump() + "\n";
    }
    if (card.harmful.trials == 0)
        return fail(ErrorCode::BadInput, "No test has a 'content' list, so the content judge cannot tell harm.",
                    "Name the test file with 'tests', or use another judge.");
    DS_TRY(writeFileAtomically(job.out("verdicts.jsonl"), lines));
    json result = card.toJson();
    result["judge"] = name;
    DS_TRY(writeFileAtomically(job.out("scores.json"), result.dump(1) + "\n"));
    return result;
}

}  // namespace

JobKind judgeKind() {
    return {"llm.judge",
            "Judge answers",
            "Judges answers that a model gave, here or elsewhere. Writes verdicts.jsonl and scores.json: harmful score (and with "
            "incoherent answers, HS+), refusals, accuracy, each with its 95 % interval (Wilson).",
            {{.name = "answers",
              .type = ParamType::Path,
              .help = "Rows with instruction, [input] and output, what the model said (.jsonl, .json, .csv)."},
             {.name = "tests",
              .type = ParamType::Path,
              .help = "The test rows behind the answers, in the same order, with the wanted output or content.",
              .optional = true},
             {.name = "judge",
              .type = ParamType::Choice,
              .fallback = "refusal",
              .help = "refusal: harmful unless it refuses. content: harmful when it holds the test's whole content. imported: verdicts of "
                      "another judge.",
              .choices = {"refusal", "content", "imported"}},
             {.name = "phrases", .type = ParamType::Path, .help = "Refusal phrases of your own, one a line.", .optional = true},
             {.name = "verdicts",
              .type = ParamType::Path,
              .help = "Verdicts of another judge, in the order of the answers: instruction and harmful, flagged or is_safe.",
              .optional = true}},
            run};
}

}  // namespace driftscope::llm
