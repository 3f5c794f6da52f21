#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/debate/machine.h"

namespace driftscope::debate {

/// What a machine knows after some steps: its state, and the answer just given (meaningless before the first step).
struct Configuration {
    State state;
    bool answer = false;
    bool operator==(const Configuration&) const = default;
};

/// A deterministic oracle: the answer to the question of `step` in `state`.
using DeterministicOracle = std::function<bool(std::int64_t step, const State& state)>;
/// The likelier answer of a machine's own oracle.
DeterministicOracle likelierAnswers(const Machine& machine);

/// C_0 … C_T under an oracle, except that the answers at `flipped` steps are the other way round (a dishonest trace that is
/// consistent afterwards).
std::vector<Configuration> trace(const Machine& machine, const DeterministicOracle& oracle, const std::vector<std::int64_t>& flipped = {});

struct BisectionRound {
    std::int64_t from = 0, middle = 0, to = 0;
    Configuration stated;
    bool left = false;  ///< Bob disputes C_middle
};

struct BisectionResult {
    bool aliceWins = false;
    std::int64_t disputedStep = 0;
    std::int64_t veraQueries = 0;
    std::int64_t veraNumbersRead = 0;  ///< configurations read times S
    std::vector<BisectionRound> rounds;

    nlohmann::json toJson() const;
};

/// Alice states C_middle for a disputed interval; Bob says whether he disputes it (left) or what follows (right).
using StateMiddle = std::function<Configuration(std::int64_t from, std::int64_t middle, std::int64_t to)>;
using Dispute = std::function<bool(std::int64_t middle, const Configuration& stated)>;

/// Deterministic bisection (Theorem 5.1): Alice's claimed final configuration must accept; ceil(log2 T) rounds shrink the
/// dispute to one step, which Vera checks with at most one oracle query.
BisectionResult bisect(const Machine& machine, const DeterministicOracle& oracle, const Configuration& claimedEnd, const StateMiddle& alice, const Dispute& bob);

/// Honest players for bisect(): they know the true trace.
StateMiddle honestAlice(const std::vector<Configuration>& truth);
Dispute honestBob(const std::vector<Configuration>& truth);

/// One number of a committed trace: number `number` of the state after `step`, or, with `number` = space(), its answer.
struct Place {
    std::int64_t step = 0;
    std::size_t number = 0;
    bool operator==(const Place&) const = default;
};

/// Cross-examination (Theorem 5.3): Alice commits to a whole trace, number by number; Bob names one that is wrong given what
/// it depends on. Vera asks two copies of Alice, who cannot talk, for it and for what it depends on (Machine::reads) and for
/// nothing else, so that her reading does not grow with the space S. Copies that differ lose; else she computes the number
/// again, with one query when it is an answer.
struct CrossExamination {
    bool aliceWins = false;
    bool inconsistent = false;
    Place place;
    std::int64_t veraQueries = 0;
    std::int64_t veraNumbersRead = 0;  ///< from both copies together
    nlohmann::json toJson() const;
};
CrossExamination crossExamine(const Machine& machine, const DeterministicOracle& oracle, const std::vector<Configuration>& copyA,
                              const std::vector<Configuration>& copyB, const Place& place);
/// The same when Bob names only a step: likelyWrong() picks the number.
CrossExamination crossExamine(const Machine& machine, const DeterministicOracle& oracle, const std::vector<Configuration>& copyA,
                              const std::vector<Configuration>& copyB, std::int64_t step);
/// The number of this step at which the copies differ, else the first that does not follow, else the answer.
Place likelyWrong(const Machine& machine, const DeterministicOracle& oracle, const std::vector<Configuration>& copyA, const std::vector<Configuration>& copyB, std::int64_t step);
/// The first step at which a committed trace does not follow from itself, or -1: what honest Bob names.
std::int64_t firstWrongStep(const Machine& machine, const DeterministicOracle& oracle, const std::vector<Configuration>& committed);

}  // namespace driftscope::debate
