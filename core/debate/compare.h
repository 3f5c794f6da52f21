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

}  // namespace driftscope::debate
