#include "core/debate/compare.h"

#include <algorithm>
#include <atomic>

namespace driftscope::debate {
namespace {

constexpr std::size_t kExactStates = 300'000;  ///< dynamic programming over a grid of claims takes seconds beyond

std::vector<Strategies> pairs(double amount) {
    std::vector<Strategies> out;
    for (const std::string& alice : aliceStrategies()) out.push_back({alice, "honest", amount});
    for (const std::string& bob : bobStrategies())
        if (bob != "honest") out.push_back({"honest", bob, amount});
    return out;
}

tl::unexpected<Error> noGraph(const Arena& arena) {
    return fail(ErrorCode::Unsupported, arena.graphProblem, "Make the computation shorter, or reorder its questions so that gates close early.");
}

}  // namespace

Result<std::vector<Comparison>> compareStrategies(const Arena& arena, std::int64_t games, int threads, std::uint64_t seed, std::stop_token stop,
                                                  const std::function<void(std::int64_t, std::int64_t)>& done) {
    if (!arena.graph) return noGraph(arena);
    const Setup& setup = arena.setup;
    std::vector<Comparison> rows;
    const std::vector<Strategies> all = pairs(setup.strategies.amount);
    const bool exactKnown = setup.sampling.correlation <= 0 && setup.sampling.budget <= 0 && arena.graph->states() <= kExactStates;
    for (const Strategies& strategies : all) {
        const Players players(*arena.graph, setup.plan, strategies);
        const auto before = static_cast<std::int64_t>(rows.size()) * games;
        Comparison row{strategies, playGames(*arena.graph, setup.plan, setup.sampling, players, seed, 0, games, threads, stop), {}, {}};
        if (stop.stop_requested()) return fail(ErrorCode::Cancelled, "Cancelled.");
        row.interval = clopperPearson(row.tally.aliceWins, std::max<std::int64_t>(1, row.tally.games - row.tally.outOfBudget));
        if (exactKnown) row.exact = exactValue(*arena.graph, setup.plan, strategies);
        rows.push_back(std::move(row));
        if (done) done(before + games, static_cast<std::int64_t>(all.size()) * games);
    }
    return rows;
}

std::string comparisonCsv(const std::vector<Comparison>& rows) {
    std::string csv = "alice,bob,games,alice_wins,win_probability,low,high,exact,challenges,alice_queries,bob_queries,vera_queries\n";
    for (const Comparison& row : rows) {
        const double n = static_cast<double>(std::max<std::int64_t>(1, row.tally.games));
        csv += fmt::format("{},{},{},{},{:.6g},{:.6g},{:.6g},{},{},{:.6g},{:.6g},{:.6g}\n", row.strategies.alice, row.strategies.bob, row.tally.games, row.tally.aliceWins, row.winProbability(),
                           row.interval.low, row.interval.high, row.exact ? fmt::format("{:.6g}", *row.exact) : std::string(), row.tally.challenges,
                           static_cast<double>(row.tally.meters.alice) / n, static_cast<double>(row.tally.meters.bob) / n, static_cast<double>(row.tally.meters.vera) / n);
    }
    return csv;
}

nlohmann::json comparisonJson(const std::vector<Comparison>& rows) {
    nlohmann::json out = nlohmann::json::array();
    for (const Comparison& row : rows)
        out.push_back({{"alice", row.strategies.alice},
                       {"bob", row.strategies.bob},
                       {"games", row.tally.games},
                       {"win_probability", row.winProbability()},
                       {"interval", {row.interval.low, row.interval.high}},
                       {"exact", row.exact ? nlohmann::json(*row.exact) : nlohmann::json()},
                       {"challenged", row.tally.challenges},
                       {"out_of_budget", row.tally.outOfBudget},
                       {"meters_total", row.tally.meters.toJson()}});
    return out;
}

}  // namespace driftscope::debate
