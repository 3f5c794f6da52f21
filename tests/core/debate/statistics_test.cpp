#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/debate/computation.h"
#include "core/debate/measure.h"

namespace driftscope::debate {
namespace {

TEST(Binomial, DrawsFollowTheLaw) {
    for (const auto& [n, p] : {std::pair<std::int64_t, double>{50, 0.3}, {50, 0.02}, {400, 0.5}, {400, 0.97}}) {
        const int draws = 200000;
        std::vector<int> counts(static_cast<std::size_t>(n) + 1, 0);
        for (int i = 0; i < draws; ++i) {
            RandomStream random(5, static_cast<std::uint64_t>(i), 1, 0);
            ++counts[static_cast<std::size_t>(drawBinomial(random, n, p))];
        }
        double chi = 0;
        int cells = 0;
        for (std::int64_t k = 0; k <= n; ++k) {
            const double expected = draws * binomialPmf(k, n, p);
            if (expected < 10) continue;
            chi += std::pow(counts[static_cast<std::size_t>(k)] - expected, 2) / expected;
            ++cells;
        }
        EXPECT_LT(chi, cells + 5 * std::sqrt(2.0 * cells)) << "n " << n << " p " << p;
    }
}

TEST(Binomial, HoeffdingCountsFailNoMoreOftenThanPromised) {
    for (double e : {0.02, 0.1})
        for (double q : {0.01, 0.2})
            for (double p : {0.1, 0.5}) {
                const std::int64_t n = samples(e, q);
                EXPECT_LE(1 - closeProbability(p, p, n, e), q);
            }
}

TEST(Binomial, TiesAreDecidedOnTheDecimalValue) {
    EXPECT_FALSE(isClose(0.7, 9, 20, 0.25));  // |0.70 - 0.45| is not below 0.25
    EXPECT_TRUE(isClose(0.7, 10, 20, 0.25));
}

TEST(Intervals, CoverTheTruthAsOftenAsTheySay) {
    const StateGraph graph = StateGraph::build(*readComputation({{"type", "majority"}, {"votes", 3}, {"vote_probability", 0.7}}).value()).value();
    const Plan counts{20, 20, 20, 0.25, 0.15};
    const Players players(graph, counts, {});
    const double exact = honestValue(graph, counts).start;
    int covered = 0;
    const int repeats = 1000;
    for (int repeat = 0; repeat < repeats; ++repeat) {
        const Tally tally = playGames(graph, counts, {}, players, 77, repeat * 1000, 1000, 1);
        const Interval interval = clopperPearson(tally.aliceWins, tally.games);
        covered += interval.low <= exact && exact <= interval.high;
    }
    EXPECT_GE(covered, 930);
    EXPECT_LE(covered, 970);
}

TEST(Games, TranscriptsAndTalliesDoNotDependOnThreads) {
    const auto machine = readComputation({{"type", "majority"}, {"votes", 5}, {"vote_probability", 0.65}}).value();
    const StateGraph graph = StateGraph::build(*machine).value();
    const Plan counts{50, 50, 50, 0.15, 0.10};
    const Players players(graph, counts, {});
    const Tally one = playGames(graph, counts, {}, players, 9, 0, 20000, 1);
    const Tally two = playGames(graph, counts, {}, players, 9, 0, 20000, 2);
    EXPECT_EQ(one.aliceWins, two.aliceWins);
    EXPECT_EQ(one.meters.toJson(), two.meters.toJson());
    const auto text = [&] {
        const Sampling sampling;
        Referee referee(graph, counts, sampling, 9, 4);
        players.play(referee);
        return transcriptJson(*machine, referee).dump();
    };
    EXPECT_EQ(text(), text());
}

TEST(Games, BinomialShortcutHasTheLawOfSingleCalls) {
    const StateGraph graph = StateGraph::build(*readComputation({{"type", "majority"}, {"votes", 3}, {"vote_probability", 0.7}}).value()).value();
    const Plan counts{20, 20, 20, 0.25, 0.15};
    const Players players(graph, counts, {});
    const Sampling calls{true, 0, 0};
    const Tally single = playGames(graph, counts, calls, players, 3, 0, 60000, 2);
    const Interval interval = clopperPearson(single.aliceWins, single.games, 0.999);
    EXPECT_LE(interval.low, honestValue(graph, counts).start);
    EXPECT_GE(interval.high, honestValue(graph, counts).start);
}

TEST(Games, BudgetStopsCleanlyAndNaNIsRejected) {
    const StateGraph graph = StateGraph::build(*readComputation({{"type", "majority"}, {"votes", 3}, {"vote_probability", 0.7}}).value()).value();
    const Plan counts{20, 20, 20, 0.25, 0.15};
    const Sampling poor{false, 0, 50};
    const Players players(graph, counts, {});
    Referee referee(graph, counts, poor, 1, 1);
    players.play(referee);
    EXPECT_TRUE(referee.outOfBudget());
    EXPECT_LE(referee.meters().alice + referee.meters().bob + referee.meters().vera, 50);
    const Sampling rich;
    Referee fresh(graph, counts, rich, 1, 1);
    EXPECT_FALSE(fresh.claim(std::nan("")));
    ASSERT_TRUE(fresh.claim(7));
    EXPECT_EQ(fresh.currentClaim(), 1);  // an evil claim is clamped, as in the Lean development
}

TEST(Games, SilentBobLosesToAnOverclaimingAlice) {
    const StateGraph graph = StateGraph::build(*readComputation({{"type", "majority"}, {"votes", 1}, {"vote_probability", 0.1}}).value()).value();
    const Plan counts = plan(Parameters::leanDefaults(0.9, 0.6, 2, 2).value());
    EXPECT_EQ(playGames(graph, counts, {}, Players(graph, counts, {"bias", "never", 1.0}), 1, 0, 200, 1).aliceWins, 200);
    EXPECT_LT(playGames(graph, counts, {}, Players(graph, counts, {"bias", "honest", 1.0}), 1, 0, 200, 1).aliceWins, 5);
}

TEST(Games, RandomChallengesFailAgainstHonestAlice) {
    const StateGraph graph = StateGraph::build(*readComputation({{"type", "majority"}, {"votes", 3}, {"vote_probability", 0.9}}).value()).value();
    const Parameters p = Parameters::leanDefaults(0.9, 0.6, 3, 4).value();
    const Plan counts = plan(p);
    const Tally tally = playGames(graph, counts, {}, Players(graph, counts, {"honest", "first", 0}), 1, 0, 2000, 2);
    EXPECT_EQ(tally.challenges, 2000);
    EXPECT_GE(static_cast<double>(tally.aliceWins) / 2000, 1 - p.v);
}

}  // namespace
}  // namespace driftscope::debate
