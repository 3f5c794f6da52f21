#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/debate/exact.h"
#include "core/debate/machine.h"
#include "core/debate/oracle.h"
#include "core/debate/parameters.h"
#include "core/debate/random_stream.h"

namespace driftscope::debate {

enum class Party : std::uint64_t { Alice = 1, Bob = 2, Vera = 3, Coin = 4 };
const char* partyName(Party party);  ///< "alice"

/// What each party spent. Queries are answers asked of the oracle. In the Lean accounting, which is used for stated
/// probabilities, deterministic bits are oracle bits too; a live oracle is only charged for what it is really asked.
struct Meters {
    std::int64_t alice = 0;  ///< oracle answers asked
    std::int64_t bob = 0;
    std::int64_t vera = 0;
    std::int64_t steps = 0;     ///< of the transcript
    std::int64_t bitsRead = 0;  ///< by Vera: claims and answers she looks at
    std::int64_t aliceSteps = 0, bobSteps = 0, veraSteps = 0;  ///< steps of the computation that each carries out
    std::int64_t aliceBits = 0, bobBits = 0;                   ///< that Alice and Bob read of what others say

    std::int64_t queries() const;  ///< of all; counts stop at the largest number there is
    Meters& operator+=(const Meters& other);
    nlohmann::json toJson() const;
};

/// Answers that a model or a person gives one by one, counted.
class LiveAnswers {
  public:
    LiveAnswers(const Machine& machine, std::shared_ptr<const Oracle> oracle, double noise) : machine_(machine), oracle_(std::move(oracle)), noise_(noise) {}
    bool answer(std::int64_t step, RandomStream& random) const;
    std::int64_t calls() const { return calls_; }

  private:
    const Machine& machine_;
    std::shared_ptr<const Oracle> oracle_;
    double noise_;
    mutable std::atomic<std::int64_t> calls_{0};
};

/// How repeated answers to one question are drawn.
struct Sampling {
    bool everyCall = false;    ///< draw each answer on its own instead of one binomial number with the same law
    double correlation = 0;    ///< of answers within one estimate (beta-binomial); the theory assumes 0
    std::int64_t budget = 0;   ///< answers in all that may be asked; 0 is unlimited
    bool onlyAsked = false;    ///< charge only for what the oracle is really asked, as a live one is; else every bit, as in the Lean accounting
    std::shared_ptr<const LiveAnswers> live = nullptr;  ///< asks a model or a person for every answer
    std::stop_token stop = {};                          ///< ends a long estimate
};

/// The number of yes among `count` answers to the question of `step`. Fewer answers than asked when stopped: then -1.
std::int64_t drawAnswers(const Sampling& sampling, std::int64_t step, const StateGraph::Node& node, std::int64_t count, RandomStream& random);

/// What games are played on: the graph of a computation's states, or the computation itself when it has too many.
class Board {
  public:
    Board(const StateGraph& graph) : graph_(&graph), steps_(graph.steps()) {}
    Board(const Machine& machine) : machine_(&machine), steps_(machine.steps()) {}
    const StateGraph* graph() const { return graph_; }      ///< null for a computation without one
    const Machine* machine() const { return machine_; }     ///< null for a graph
    std::int64_t steps() const { return steps_; }

  private:
    const StateGraph* graph_ = nullptr;
    const Machine* machine_ = nullptr;
    std::int64_t steps_;
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

/// The estimate that a budget did not cover.
struct Shortage {
    Party party = Party::Alice;
    std::int64_t step = 0;
    std::int64_t needed = 0;
    std::int64_t left = 0;
    std::string text(std::int64_t budget) const;
};

/// The referee of one stochastic debate (Theorem 6.2): keeps the prefix, draws the public coin, runs Vera when challenged,
/// and meters everybody. Players, programs or people, only propose and respond.
class Referee {
  public:
    Referee(const Board& board, const Plan& plan, const Sampling& sampling, std::uint64_t seed, std::uint64_t game);

    bool over() const { return over_; }
    bool aliceWins() const { return aliceWins_; }
    bool outOfBudget() const { return shortage_.has_value(); }
    const std::optional<Shortage>& shortage() const { return shortage_; }
    bool stopped() const { return stopped_; }
    std::int64_t step() const { return step_; }
    std::uint32_t nodeIndex() const { return node_; }  ///< in the graph's level
    const StateGraph::Node& node() const { return current_; }

    /// A party's estimate of the current question from `count` answers, metered. NaN when the budget does not cover it or
    /// the game was stopped; then the game is over without a winner.
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
    bool claimMade() const { return claimed_; }
    const Meters& meters() const { return meters_; }
    const std::vector<Turn>& turns() const { return turns_; }
    void keepTurns(bool on) { keep_ = on; }  ///< off when only the result counts

  private:
    void enter(std::uint32_t node);
    void move(bool answer);

    Board board_;
    const Plan& plan_;
    const Sampling& sampling_;
    std::uint64_t seed_;
    std::uint64_t game_;
    std::int64_t step_ = 0;
    std::uint32_t node_ = 0;
    State state_;  ///< only without a graph
    StateGraph::Node current_;
    double claim_ = 0;
    bool claimed_ = false;
    bool called_ = false;
    double challengerEstimate_ = 0;
    double veraEstimate_ = 0;
    bool over_ = false;
    bool aliceWins_ = false;
    bool stopped_ = false;
    bool keep_ = true;
    std::optional<Shortage> shortage_;
    Meters meters_;
    std::vector<Turn> turns_;
};

/// Turns, winner and meters of a game as others can read them; a game that ended without a winner says where and why.
nlohmann::json transcriptJson(const Machine& machine, const Referee& referee, std::int64_t budget = 0);

}  // namespace driftscope::debate
