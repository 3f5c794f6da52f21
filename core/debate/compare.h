#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

#include "core/debate/arena.h"
#include "core/debate/measure.h"

namespace driftscope::debate {

/// Many games of one pair of strategies.
struct Comparison {
    Strategies strategies;
    Tally tally;
    Interval interval;            ///< of Alice's win probability, 95 % (Clopper-Pearson)
    std::optional<double> exact;  ///< where dynamic programming gives it

    double winProbability() const { return static_cast<double>(tally.aliceWins) / static_cast<double>(std::max<std::int64_t>(1, tally.games - tally.outOfBudget)); }
};

/// Every attack of one side against the honest other side, and both honest. `done` hears finished games of all.
/// Errors: the computation has too many states, cancelled.
Result<std::vector<Comparison>> compareStrategies(const Arena& arena, std::int64_t games, int threads, std::uint64_t seed, std::stop_token stop = {},
                                                  const std::function<void(std::int64_t done, std::int64_t total)>& done = {});

std::string comparisonCsv(const std::vector<Comparison>& rows);
nlohmann::json comparisonJson(const std::vector<Comparison>& rows);

/// K given too small or too large: what the formulas would promise, and what the honest side really gets.
struct Sensitivity {
    double factor = 1;            ///< of the K used
    double k = 0;
    std::int64_t vera = 0;        ///< judgements with these parameters
    double bound = 0;             ///< what the theorem's formula says for this K
    bool covered = false;         ///< whether it may say so: K certified, and the machine within the promise
    double worst = 0;             ///< exact: the honest side's win probability against the best response
};
/// Exact values for K times each factor, with parameters of the same kind as the arena's. Errors: too many states, parameters by hand.
Result<std::vector<Sensitivity>> sensitivityToK(const Arena& arena, const Params& params, const std::vector<double>& factors, std::stop_token stop = {});

}  // namespace driftscope::debate
