#pragma once

#include <memory>
#include <nlohmann/json.hpp>

#include "core/debate/computation.h"

namespace driftscope::debate {

/// Answers that replace the probabilities of a computation's questions: a table, a constant, or what a person said.
///   "answers": [{"question": "vote 1", "probability": 0.9, "by": "AB"}], "answer_all": 0.5
/// A question is named by its text; "answer_all" is for those that the list does not name. Gates are never replaced, and noise
/// and drift of the oracle apply on top. Errors: a probability outside [0, 1], a question that is not asked.
Result<std::unique_ptr<Machine>> withAnswers(std::unique_ptr<Machine> machine, const nlohmann::json& computation, const OracleSpec& oracle);

/// The questions without an answer, when the computation says "oracle": "person" (who is asked while the game is played);
/// else none.
std::vector<std::string> unansweredQuestions(const nlohmann::json& computation, const Machine& machine);

/// The questions of a machine that are judgements, in the order asked, each once.
std::vector<std::string> questionsAsked(const Machine& machine);

}  // namespace driftscope::debate
