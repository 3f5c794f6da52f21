#pragma once

#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/debate/arena.h"
#include "core/debate/bisection.h"

namespace driftscope::debate {

/// Which parties a person plays.
struct Seats {
    bool alice = false;
    bool bob = false;
    bool vera = false;
    bool operator==(const Seats&) const = default;
};

/// What a person did. Which fields count depends on party and protocol:
/// Alice: `value` is her claim; in a bisection `stated` is the configuration in the middle.
/// Bob: `yes` challenges the claim, or disputes the stated configuration; in a cross-examination `value` is the step he names.
/// Vera: `yes` accepts.
struct Move {
    Party party = Party::Bob;
    double value = 0;
    bool yes = false;
    Configuration stated;
    bool operator==(const Move&) const = default;

    nlohmann::json toJson() const;
    static Result<Move> fromJson(const nlohmann::json& json);
};

inline constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

/// One row of a transcript, whatever the protocol: a step of a stochastic debate, a halving of a bisection, or a step of a
/// committed trace. Numbers that a protocol does not have, or that nobody looked at, are NaN.
struct Round {
    std::int64_t step = 0;
    std::int64_t from = 0, to = 0;  ///< the disputed interval of a bisection
    std::string stated;             ///< configuration, as text
    double truth = kNothing;
    double claim = kNothing;
    double bobEstimate = kNothing;
    double veraEstimate = kNothing;
    bool challenged = false;        ///< also: Bob disputes the configuration, or names this step
    bool veraAccepts = false;
    bool answer = false;
    Meters after;                   ///< what everyone has spent by the end of the round
};

/// What a person is asked.
struct Prompt {
    Party party = Party::Bob;
    std::int64_t step = 0;
    std::int64_t from = 0, to = 0;
    double claim = kNothing;
    double estimate = kNothing;    ///< the person's own, from as many answers as the protocol gives the party
    bool suggestion = false;       ///< what the honest program would do: challenge, dispute, accept
    Configuration stated;          ///< in a bisection: what Alice states, or the true one to start from
};

/// A debate played move by move. Programs move by themselves; a person's move is asked for and given. The same moves give
/// the same game, so that going back is playing again with fewer.
class Play {
  public:
    virtual ~Play() = default;
    /// Plays until a round is finished, a person must move, or the game is over.
    virtual void advance() = 0;
    /// What a person must do now; nothing while it is a program's turn.
    virtual const std::optional<Prompt>& prompt() const = 0;
    /// The move that prompt() asks for. Errors: not asked, not a number, no such step.
    virtual Result<void> move(const Move& move) = 0;

    virtual const std::vector<Round>& rounds() const = 0;
    virtual bool over() const = 0;
    virtual bool aliceWins() const = 0;
    /// The estimate that the budget did not cover; then the game is over without a winner.
    virtual std::optional<Shortage> shortage() const { return std::nullopt; }
    bool outOfBudget() const { return shortage().has_value(); }
    virtual bool stopped() const { return false; }  ///< on request, in the middle of an estimate
    virtual Meters meters() const = 0;
    virtual nlohmann::json toJson() const = 0;  ///< turns, winner and meters, as debate.play writes them
    const std::vector<Move>& moves() const { return moves_; }

    /// Gives the recorded moves and plays on until `rounds` rounds are finished (all when negative).
    void replay(const std::vector<Move>& moves, std::int64_t rounds = -1);

  protected:
    std::vector<Move> moves_;
};

struct PlayOptions {
    std::string protocol = "stochastic";  ///< stochastic, bisection, cross_examined, witness (a bisection of the published candidate)
    Seats seats;
    std::uint64_t seed = 1;
    std::uint64_t game = 0;
    std::vector<std::int64_t> lies;       ///< deterministic protocols: steps whose answers Alice's trace has the other way round
    std::vector<std::int64_t> secondLies; ///< cross-examination: those of the second copy of Alice
    std::stop_token stop = {};            ///< ends long estimates
    bool operator==(const PlayOptions&) const = default;
};

/// Errors: a lie beyond the last step; strategies of the stochastic protocol that need a graph which there is none of.
Result<std::unique_ptr<Play>> makePlay(std::shared_ptr<const Arena> arena, const PlayOptions& options);
Result<std::unique_ptr<Play>> makeStochasticPlay(std::shared_ptr<const Arena> arena, const PlayOptions& options);
Result<std::unique_ptr<Play>> makeDeterministicPlay(std::shared_ptr<const Arena> arena, const PlayOptions& options);

/// A configuration as a person reads it: "(2, 0, 1) yes".
std::string configurationText(const Configuration& configuration);

}  // namespace driftscope::debate
