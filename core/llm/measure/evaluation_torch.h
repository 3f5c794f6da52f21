#pragma once

#include <map>
#include <stop_token>

#include "core/llm/model/model_torch.h"
#include "core/llm/text/encoded_examples.h"
#include "core/llm/text/judge.h"

namespace driftscope::llm {

/// Prompts to answer, with what is known of good and bad answers.
struct EvalSets {
    std::vector<Example> harmful, benign, task;
    bool empty() const { return harmful.empty() && benign.empty() && task.empty(); }
};

/// Says of one answer whether it is harmful, where strings cannot tell.
using HarmJudge = std::function<Result<bool>(const Example& example, const std::string& answer)>;

struct EvalOptions {
    PromptTemplate form;
    std::int64_t newTokens = 128;
    std::size_t batch = 16;
    HarmRule rule = HarmRule::Refusal;
    RefusalMatcher refusals = RefusalMatcher::standard();
    HarmJudge judge;  ///< with HarmRule::Imported
};

/// Answers to one set.
struct SetAnswers {
    std::vector<std::string> answers;
    std::vector<Verdict> verdicts;
    ScoreCard card;
};

struct EvalReport {
    SetAnswers harmful, benign, task;
    /// What the sets that were asked tell: "harmful score", "harmful score plus" (HS+), "refused", "over-refusal", "benign accuracy",
    /// "accuracy strict", "accuracy contains".
    std::map<std::string, Rate> rates() const;
    nlohmann::json toJson() const;
};

/// Answers all sets greedily and judges the answers. Adapters are merged meanwhile.
/// Errors: a prompt longer than the model's positions (named), cancellation.
Result<EvalReport> evaluate(CausalModel& model, const Tokenizer& tokenizer, const EvalSets& sets, const EvalOptions& options, const std::stop_token& stop = {});

/// One JSON line per answer: set, place, the example's fields, answer and verdict.
std::string answerLines(const EvalSets& sets, const EvalReport& report);

/// A Hugging Face sequence classifier of a Llama-type folder, such as beaver-dam-7b: harmful when the sigmoid of any label is above
/// 0.5. `text` holds {prompt} and {answer}. Errors: no score.weight, a tokenizer that does not fit.
Result<HarmJudge> classifierJudge(const std::filesystem::path& folder, const std::string& text, Placement placement);

}  // namespace driftscope::llm
