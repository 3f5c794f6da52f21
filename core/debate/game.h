#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/debate/exact.h"
#include "core/debate/machine.h"
#include "core/debate/parameters.h"
#include "core/debate/random_stream.h"

namespace driftscope::debate {

enum class Party : std::uint64_t { Alice = 1, Bob = 2, Vera = 3, Coin = 4 };

/// What each party spent.
struct Meters {
    std::int64_t alice = 0;  ///< oracle answers asked
    std::int64_t bob = 0;
    std::int64_t vera = 0;
    std::int64_t steps = 0;
    std::int64_t bitsRead = 0;  ///< by Vera: claims and answers she looks at

    Meters& operator+=(const Meters& other);
    nlohmann::json toJson() const;
};

/// How repeated answers to one question are drawn.
struct Sampling {
    bool everyCall = false;    ///< draw each answer on its own instead of one binomial number with the same law
    double correlation = 0;    ///< of answers within one estimate (beta-binomial); the theory assumes 0
    std::int64_t budget = 0;   ///< answers in all that may be asked; 0 is unlimited
};

/// One step of a game as it is shown and replayed.
struct Turn {
    std::int64_t step = 0;
    std::uint32_t node = 0;
    double truth = 0;        ///< the oracle's probability of "yes"
    double claim = 0;
    double bobEstimate = 0;  ///< NaN when Bob did not look
    bool challenged = false;
    double veraEstimate = 0; ///< NaN unless challenged
    bool veraAccepts = false;
    bool answer = false;     ///< the public coin's draw from the claim, unless challenged
};

/// The referee of one stochastic debate (Theorem 6.2): keeps the prefix, draws the public coin, runs Vera when challenged,
/// and meters everybody. Players, programs or people, only propose and respond.
class Referee {
  public:
    Referee(const StateGraph& graph, const Plan& plan, const Sampling& sampling, std::uint64_t seed, std::uint64_t game);

    bool over() const { return over_; }
    bool aliceWins() const { return aliceWins_; }
    bool outOfBudget() const { return outOfBudget_; }
    std::int64_t step() const { return step_; }
    std::uint32_t nodeIndex() const { return node_; }
    const StateGraph::Node& node() const { return graph_.level(step_)[node_]; }

    /// A party's estimate of the current question from `count` answers, metered.
    double estimate(Party party, std::int64_t count);
    RandomStream stream(Party party) const { return {seed_, game_, static_cast<std::uint64_t>(party), static_cast<std::uint64_t>(step_)}; }

    /// Alice's claim; outside [0, 1] it is clamped. Errors: not a number, or no claim is due.
    Result<void> claim(double probability);
    /// Bob accepts: the coin is drawn from the claim and the game goes on, or ends with the last answer.
    void accept(double bobEstimate);
    /// Bob challenges: Vera decides at once.
    void challenge(double bobEstimate);
    /// The same in two moves, for a person as Vera: her estimate is drawn, then she rules as she likes.
    void callVera(double bobEstimate);
    void rule(bool accepts);
    bool rulingDue() const { return called_ && !over_; }
    double veraEstimate() const { return veraEstimate_; }
    bool veraFindsItClose() const;  ///< what her rule says

    double currentClaim() const { return claim_; }
    const Meters& meters() const { return meters_; }
    const std::vector<Turn>& turns() const { return turns_; }
    void keepTurns(bool on) { keep_ = on; }  ///< off when only the result counts

  private:
    const StateGraph& graph_;
    const Plan& plan_;
    const Sampling& sampling_;
    std::uint64_t seed_;
    std::uint64_t game_;
    std::int64_t step_ = 0;
    std::uint32_t node_ = 0;
    double claim_ = 0;
    bool claimed_ = false;
    bool called_ = false;
    double challengerEstimate_ = 0;
    double veraEstimate_ = 0;
    bool over_ = false;
    bool aliceWins_ = false;
    bool outOfBudget_ = false;
    bool keep_ = true;
    Meters meters_;
    std::vector<Turn> turns_;
};

/// A transcript others can read and replay: computation, parameters, seed, turns, meters and verdict.
nlohmann::json transcriptJson(const Machine& machine, const Referee& referee);

}  // namespace driftscope::debate
