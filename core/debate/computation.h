#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "core/debate/machine.h"
#include "core/debate/oracle.h"

namespace driftscope::debate {

inline constexpr std::int64_t kMaximumSteps = 100'000;  ///< the longest prefix of a computation that is played

/// Reads a computation:
///   {"type": "majority", "votes": 9, "vote_probability": 0.65}            also "vote_probabilities": [...]
///   {"type": "list", "steps": 100, "probability": 0.99, "combine": "and"}  and | or | majority | threshold ("threshold": k) | parity;
///                                                                          also "probabilities": [...]
///   {"type": "list", "steps": 30, "each": "relevant and majority(blind, powered, reported)", "questions": [...], "combine": …}
///                                                                          the formula once per step; "{i}" in a text is the step
///   {"type": "expression", "expression": "relevant: 0.95 and majority(a: 0.8, b: 0.85, c: 0.9)"}   see parseExpression(); what it does
///                                                                          not state, "questions" describe, or one "probability" for all
///   {"type": "dag", "questions": [{"id", "text", "probability"}], "gates": [{"id", "op", "inputs", "threshold", "weights"}],
///    "output": "id"}                                                        ops: and or not majority threshold weighted_sum compare parity
///   {"type": "markov", "steps": 20, "start": "a", "states": [{"name", "probability", "yes", "no", "accept"}]}
///   {"type": "birth_death", "steps": 50, "start": 3, "probability": 0.5, "cap": 10, "accept_at_least": 5}
///   {"type": "branching", "generations": 6, "start": 1, "offspring": 2, "cap": 8, "probability": 0.6, "accept_at_least": 1}
/// Every form but dag and expression takes "question", a template of the texts, and "rows": [...], the rows of a table that
/// its questions are about, in place of counts and probabilities; questions of dag and expression take "row". Rows need an
/// oracle that reads them. "witness": ["w1", "w2"] names bits that Alice publishes before dag, list and expression.
/// All take "answers", which replace the stated probabilities: see withAnswers().
/// A result bit, computed from the answers, is appended unless "result_bit" is false (then the last question is the outcome).
/// `witness` gives the published bits, "10". Errors name the field: malformed JSON, probabilities outside [0, 1] or NaN, no
/// questions, cycles, unknown ids, more than kMaximumSteps steps, a witness of another length.
Result<std::unique_ptr<Machine>> readComputation(const nlohmann::json& json, const OracleSpec& oracle = {}, const std::string& witness = {});

/// Worked examples for a gallery: id -> computation with "title" and "about".
nlohmann::json exampleComputations();

}  // namespace driftscope::debate
