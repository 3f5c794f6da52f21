#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/error.h"
#include "core/debate/repeatability.h"
#include "core/debate/random_stream.h"

namespace driftscope::debate {

/// One question of a computation, as an oracle is asked it.
struct Asked {
    std::size_t number = 0;  ///< counted from 0 as the computation lists its questions
    std::string id;          ///< "vote3", "q17", or what the computation calls it
    std::string text;
    nlohmann::json row;      ///< which row of a table it is about; null when none
};

/// Where answers come from when the computation does not state their probabilities: a table, a model, or a person.
class Oracle {
  public:
    virtual ~Oracle() = default;
    /// Makes a question answerable; returns P(yes) of a single answer. Called for every question in order, while a
    /// computation is read; number 0 begins anew. Errors: nothing is known about it.
    virtual Result<double> bind(const Asked& question) = 0;
    /// Whether all questions could be bound. Errors: those that could not, together.
    virtual Result<void> complete() const { return {}; }
    /// True when every answer is a call that is made and counted; false when only probabilities are known, so that answers
    /// may be drawn in bulk.
    virtual bool isLive() const { return false; }
    /// One answer to question `number`: one call. Thread-safe. Only for live oracles.
    virtual bool answer(std::size_t number, RandomStream& random) const;
    /// What can be said about answers to the same question from at most `pairs` pairs of them.
    virtual Repeatability repeatability(std::int64_t pairs, RandomStream& random) const;
    /// What it is, and how an answer comes about.
    virtual nlohmann::json describe() const = 0;
};

/// How the oracle's answers come about and differ from the stated probabilities.
struct OracleSpec {
    double noise = 0;        ///< each answer is flipped with this probability
    double drift = 0;        ///< added to every probability per step
    double correlation = 0;  ///< beta-binomial correlation between repeated answers; > 0 breaks the theory's assumption
    std::shared_ptr<Oracle> source = nullptr;  ///< replaces the stated probabilities

    /// The probability of "yes" at a step that the computation states as p.
    double asked(double p, std::int64_t step) const;
};

/// The same probability for every question.
std::shared_ptr<Oracle> constantOracle(double probability);
/// Probabilities from a CSV with the columns question and probability; a question is named by its id or its text.
/// Errors: missing file or column, a value that is not a probability (file and row named), questions without a row.
Result<std::shared_ptr<Oracle>> tableOracle(const std::filesystem::path& csv);
/// A person's recorded answers from a CSV with the columns question and answer (yes, no, true, false, 1, 0), one row per
/// answer given; other columns are ignored. An answer is drawn from those recorded for the question, so that a question
/// answered once is always answered alike. Errors: missing file or column, an answer that is neither (row named),
/// questions without an answer (listed).
Result<std::shared_ptr<Oracle>> personOracle(const std::filesystem::path& csv);

}  // namespace driftscope::debate
