#include <gtest/gtest.h>

#include "core/debate/computation.h"
#include "core/debate/measure.h"

namespace driftscope::debate {
namespace {

struct Golden {
    int votes;
    double probability;
    std::int64_t samples;
    double bobRadius, veraRadius;
    double machine, honest, bestBob, bestAlice;
};

const Golden kGames[] = {{1, 0.70, 20, 0.25, 0.15, 0.700000, 0.669134, 0.586766, 0.855335},
                         {3, 0.70, 20, 0.25, 0.15, 0.784000, 0.672258, 0.455469, 0.911100},
                         {5, 0.65, 50, 0.15, 0.10, 0.764831, 0.626313, 0.419239, 0.863256}};

StateGraph majority(int votes, double p) {
    return StateGraph::build(*readComputation({{"type", "majority"}, {"votes", votes}, {"vote_probability", p}}).value()).value();
}

Plan smallPlan(const Golden& game) {
    return {game.samples, game.samples, game.samples, game.bobRadius, game.veraRadius};
}

TEST(GoldenGames, ExactValuesToTheDigitsGiven) {
    for (const Golden& game : kGames) {
        const StateGraph graph = majority(game.votes, game.probability);
        EXPECT_NEAR(graph.acceptance()[0][0], game.machine, 5e-7);
        EXPECT_NEAR(honestValue(graph, smallPlan(game)).start, game.honest, 5e-7) << game.votes;
        EXPECT_NEAR(bestBobValue(graph, smallPlan(game)).start, game.bestBob, 5e-7) << game.votes;
        EXPECT_NEAR(bestAliceValue(graph, smallPlan(game)).start, game.bestAlice, 5e-7) << game.votes;
    }
}

TEST(GoldenGames, MonteCarloAgreesWithinItsInterval) {
    for (const Golden& game : kGames) {
        const StateGraph graph = majority(game.votes, game.probability);
        const Plan counts = smallPlan(game);
        for (const auto& [alice, bob, exact] : {std::tuple{"honest", "honest", game.honest}, {"honest", "best", game.bestBob}, {"best", "honest", game.bestAlice}}) {
            const Players players(graph, counts, {alice, bob, 0});
            const Tally tally = playGames(graph, counts, {}, players, 11, 0, 100000, 2);
            const Interval interval = clopperPearson(tally.aliceWins, tally.games, 0.999);
            EXPECT_LE(interval.low, exact) << alice << " against " << bob;
            EXPECT_GE(interval.high, exact) << alice << " against " << bob;
        }
    }
}

TEST(GoldenGames, DefaultParametersOnAPanelOfNine) {
    for (const auto& [p, machine, bestBob, bestAlice] : {std::tuple{0.65, 0.828281, 0.828280, 0.840710}, {0.35, 0.171719, -1.0, 0.192272}}) {
        const StateGraph graph = majority(9, p);
        const Plan counts = plan(Parameters::leanDefaults(2.0 / 3, 0.6, 3.2, 10).value());
        EXPECT_EQ(counts.alice, 389167);
        EXPECT_EQ(counts.bob, 172963);
        EXPECT_EQ(counts.vera, 1085096);
        EXPECT_NEAR(graph.acceptance()[0][0], machine, 1e-6);
        EXPECT_NEAR(honestValue(graph, counts).start, machine, 2e-6);
        if (bestBob > 0) {
            EXPECT_NEAR(bestBobValue(graph, counts).start, bestBob, 2e-6);
        }
        // Lies just inside Bob's threshold, which a plain grid misses, are worth a little more than the tabulated value.
        EXPECT_NEAR(bestAliceValue(graph, counts).start, bestAlice, 5e-5);
    }
}

TEST(GoldenGames, PanelOfNineHasTheKnownLipschitzConstants) {
    const auto machine = readComputation({{"type", "majority"}, {"votes", 9}, {"vote_probability", 0.65}}).value();
    const LipschitzConstants k = lipschitz(*machine, StateGraph::build(*machine).value());
    EXPECT_NEAR(k.firstOrder, 2.6876, 5e-5);
    EXPECT_NEAR(k.certified, 5.0529, 5e-5);
    EXPECT_NEAR(k.firstOrder - k.firstOrderNoGates, 1.0, 1e-12);  // the result bit counts in the Lean form only
}

TEST(GoldenGames, FairMajoritiesHaveTheClosedFormConstant) {
    for (const auto& [votes, expected] : {std::pair{9, 2.4609375}, {25, 4.0295}, {101, 8.0385}}) {
        const auto machine = readComputation({{"type", "majority"}, {"votes", votes}, {"vote_probability", 0.5}}).value();
        EXPECT_NEAR(lipschitz(*machine, StateGraph::build(*machine).value()).firstOrderNoGates, expected, 1e-3) << votes;
    }
}

TEST(GoldenGames, UnderstatedConstantIsReported) {
    const auto machine = readComputation({{"type", "majority"}, {"votes", 9}, {"vote_probability", 0.65}}).value();
    const StateGraph graph = StateGraph::build(*machine).value();
    const LipschitzConstants constants = lipschitz(*machine, graph);
    const Parameters p = Parameters::leanDefaults(2.0 / 3, 0.6, 3.2, 10).value();
    EXPECT_NE(outsidePromise(graph, constants, &p, {}, 3.2).at(0).find("not certified"), std::string::npos);
    EXPECT_NE(outsidePromise(graph, constants, &p, {}, 1.0).at(0).find("understated"), std::string::npos);
    EXPECT_TRUE(outsidePromise(graph, constants, &p, {}, 5.06).empty());
}

TEST(GoldenGames, GuaranteesNeverExceedExactValues) {
    for (double p : {0.8, 0.9, 0.97})
        for (int votes : {1, 3, 5}) {
            const auto machine = readComputation({{"type", "majority"}, {"votes", votes}, {"vote_probability", p}}).value();
            const StateGraph graph = StateGraph::build(*machine).value();
            const double accept = graph.acceptance()[0][0];
            const Parameters parameters = Parameters::leanDefaults(accept, 0.5, lipschitz(*machine, graph).certified, machine->steps()).value();
            const Plan counts = plan(parameters);
            const double honest = honestValue(graph, counts).start;
            const double worst = bestBobValue(graph, counts).start;
            EXPECT_LE(guarantees(parameters).completeness, worst + 1e-9);
            EXPECT_LE(worst, honest + 1e-9);
            EXPECT_LE(honest, bestAliceValue(graph, counts).start + 1e-9);
        }
}

}  // namespace
}  // namespace driftscope::debate
