#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/debate/exact.h"
#include "core/debate/game.h"

namespace driftscope::debate {

/// How the two provers play. Names are those of the parameters alice=… and bob=….
struct Strategies {
    std::string alice = "honest";  ///< honest bias pivotal last drift adaptive random overclaim best
    std::string bob = "honest";    ///< honest first largest losing never random best
    double amount = 0.1;           ///< size of Alice's lie, for those that have one
};
const std::vector<std::string>& aliceStrategies();
const std::vector<std::string>& bobStrategies();
/// Whether these strategies know the exact values of all states, which only a computation with a graph has.
bool needsGraph(const Strategies& strategies);

/// Plays whole games under fixed strategies. Shares what they need (exact values, pivotal step) over all games; const and
/// therefore usable from several threads.
class Players {
  public:
    /// The board must have a graph when needsGraph(strategies).
    Players(const Board& board, const Plan& plan, Strategies strategies);

    /// Plays to the end; out of budget ends the game early.
    void play(Referee& referee) const;
    double aliceClaim(Referee& referee) const;
    struct Response {
        bool challenge;
        double estimate;
    };
    Response bobResponse(Referee& referee) const;

  private:
    double direction(const Referee& referee) const;  ///< +1 when a "yes" helps Alice

    Board board_;
    const Plan& plan_;
    Strategies strategies_;
    std::vector<std::vector<double>> acceptance_;  ///< V, for strategies that know where an answer matters
    GameValue bestAlice_;
    GameValue bestBob_;
    std::vector<std::vector<double>> bestClaims_;
    std::int64_t pivotal_ = 0;
};

}  // namespace driftscope::debate
