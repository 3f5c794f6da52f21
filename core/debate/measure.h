#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "core/debate/attacks.h"
#include "core/debate/binomial.h"
#include "core/debate/game.h"

namespace driftscope::debate {

/// Counts over many games of one setting.
struct Tally {
    std::int64_t games = 0;
    std::int64_t aliceWins = 0;
    std::int64_t challenges = 0;
    std::int64_t outOfBudget = 0;
    Meters meters;

    Tally& operator+=(const Tally& other);
};

/// Turns of the first games of a measurement, one JSON text each; as many as it has room for.
struct Kept {
    const Machine* machine = nullptr;
    std::vector<std::string> games;
};

/// Plays games `first` … `first + count - 1`; the result, and what is kept, is the same for any number of threads. `done`
/// hears how many games are finished and may be called from any thread.
Tally playGames(const Board& board, const Plan& plan, const Sampling& sampling, const Players& players, std::uint64_t seed, std::int64_t first,
                std::int64_t count, int threads, std::stop_token stop = {}, const std::function<void(std::int64_t)>& done = {}, Kept* kept = nullptr);

/// The exact value for these strategies when there is one (honest or best against honest or best, not best against best).
std::optional<double> exactValue(const StateGraph& graph, const Plan& plan, const Strategies& strategies);

/// What is known of P(the machine accepts): exact, or an estimate with its 95 % interval (Clopper-Pearson).
struct Acceptance {
    double value = 0;
    Interval interval;      ///< both ends are the value when exact
    std::int64_t runs = 0;  ///< 0: exact
};

/// Whether the setting lies within what the theorem promises, and if not, why: one sentence per reason. `constants` is
/// null for a computation without a graph, whose K is the trivial bound or was given.
std::vector<std::string> outsidePromise(const Acceptance& acceptance, const LipschitzConstants* constants, const Parameters* parameters,
                                        const Sampling& sampling, double k);
std::vector<std::string> outsidePromise(const StateGraph& graph, const LipschitzConstants& constants, const Parameters* parameters,
                                        const Sampling& sampling, double k);

}  // namespace driftscope::debate
