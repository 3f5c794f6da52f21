#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "core/debate/machine.h"

namespace driftscope::debate {

inline constexpr std::int64_t kMaximumSteps = 100'000;  ///< the longest prefix of a computation that is played

/// How the oracle's answers differ from the stated probabilities.
struct OracleSpec {
    double noise = 0;        ///< each answer is flipped with this probability
    double drift = 0;        ///< added to every probability per step
    double correlation = 0;  ///< beta-binomial correlation between repeated answers; > 0 breaks the theory's assumption

    /// The probability of "yes" at a step that the computation states as p.
    double asked(double p, std::int64_t step) const;
};

/// Reads a computation:
///   {"type": "majority", "votes": 9, "vote_probability": 0.65}            also "vote_probabilities": [...]
///   {"type": "list", "steps": 100, "probability": 0.99, "combine": "and"}  and | or | majority | threshold ("threshold": k)
///   {"type": "dag", "questions": [{"id", "text", "probability"}], "gates": [{"id", "op", "inputs", "threshold", "weights"}],
///    "output": "id"}                                                        ops: and or not majority threshold weighted_sum compare
///   {"type": "markov", "steps": 20, "start": "a", "states": [{"name", "probability", "yes", "no", "accept"}]}
///   {"type": "birth_death", "steps": 50, "start": 3, "probability": 0.5, "cap": 10, "accept_at_least": 5}
/// All take "answers", which replace the stated probabilities: see withAnswers().
/// A result bit, computed from the answers, is appended unless "result_bit" is false (then the last question is the outcome).
/// Errors name the field: malformed JSON, probabilities outside [0, 1] or NaN, no questions, cycles, unknown ids, more than
/// kMaximumSteps steps.
Result<std::unique_ptr<Machine>> readComputation(const nlohmann::json& json, const OracleSpec& oracle = {});

/// Worked examples for a gallery: id -> computation with "title" and "about".
nlohmann::json exampleComputations();

}  // namespace driftscope::debate
