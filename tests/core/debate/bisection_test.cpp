#include "core/debate/bisection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/debate/computation.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

std::unique_ptr<Machine> walk(std::int64_t steps, double p) {
    return readComputation({{"type", "birth_death"}, {"steps", steps}, {"start", 2}, {"probability", p}, {"cap", 3}, {"accept_at_least", 2}}).value();
}

std::int64_t roundsFor(std::int64_t steps) {
    std::int64_t rounds = 0;
    while ((std::int64_t{1} << rounds) < steps) ++rounds;
    return rounds;
}

/// Alice may state any of the four states with either answer at every midpoint: all her strategies are tried.
bool someAliceWins(const Machine& machine, const DeterministicOracle& oracle, const std::vector<Configuration>& truth) {
    std::vector<Configuration> all;
    for (double state : {0.0, 1.0, 2.0, 3.0})
        for (bool answer : {false, true}) all.push_back({{state}, answer});
    const std::int64_t rounds = roundsFor(machine.steps());
    for (const Configuration& end : all) {
        if (!end.answer) continue;
        std::vector<std::size_t> choice(static_cast<std::size_t>(rounds), 0);
        while (true) {
            std::size_t round = 0;
            const auto result = bisect(machine, oracle, end, [&](std::int64_t, std::int64_t, std::int64_t) { return all[choice[round++]]; }, honestBob(truth));
            EXPECT_LE(result.veraQueries, 1);
            if (result.aliceWins) return true;
            std::size_t digit = 0;
            while (digit < choice.size() && ++choice[digit] == all.size()) choice[digit++] = 0;
            if (digit == choice.size()) break;
        }
    }
    return false;
}

TEST(Bisection, NoDishonestAliceBeatsHonestBob) {
    for (std::int64_t steps = 2; steps <= 16; ++steps) {
        const auto machine = walk(steps - 1, 0.2);  // the walk drifts down: the true answer is no
        const DeterministicOracle oracle = likelierAnswers(*machine);
        const auto truth = trace(*machine, oracle);
        ASSERT_FALSE(truth.back().answer);
        EXPECT_FALSE(someAliceWins(*machine, oracle, truth)) << machine->steps();
    }
}

TEST(Bisection, NoDishonestBobBeatsHonestAlice) {
    for (std::int64_t steps = 2; steps <= 16; ++steps) {
        const auto machine = walk(steps - 1, 0.9);
        const DeterministicOracle oracle = likelierAnswers(*machine);
        const auto truth = trace(*machine, oracle);
        ASSERT_TRUE(truth.back().answer);
        const std::int64_t rounds = roundsFor(steps);
        for (std::int64_t choices = 0; choices < (std::int64_t{1} << rounds); ++choices) {
            std::int64_t round = 0;
            const auto result = bisect(*machine, oracle, truth.back(), honestAlice(truth), [&](std::int64_t, const Configuration&) { return choices >> round++ & 1; });
            EXPECT_TRUE(result.aliceWins);
            EXPECT_LE(result.veraQueries, 1);
            EXPECT_LE(static_cast<std::int64_t>(result.rounds.size()), rounds);
            EXPECT_LE(result.veraNumbersRead, (rounds + 2) * machine->space());
        }
    }
}

TEST(Bisection, ThousandStepsTakeTenRoundsAndFindTheLie) {
    const auto machine = walk(999, 0.2);
    const DeterministicOracle oracle = likelierAnswers(*machine);
    const auto truth = trace(*machine, oracle);
    const auto lying = trace(*machine, oracle, {999});  // the result itself is misread
    const auto result = bisect(*machine, oracle, lying.back(), honestAlice(lying), honestBob(truth));
    EXPECT_FALSE(result.aliceWins);
    EXPECT_EQ(result.rounds.size(), 10u);
    EXPECT_EQ(result.disputedStep, 999);
}

TEST(CrossExamination, FindsTheWrongStepAndInconsistentCopies) {
    const auto machine = walk(40, 0.8);
    const DeterministicOracle oracle = likelierAnswers(*machine);
    const auto truth = trace(*machine, oracle);
    for (std::int64_t lie : {0, 17, 39}) {
        const auto lying = trace(*machine, oracle, {lie});
        ASSERT_EQ(firstWrongStep(*machine, oracle, lying), lie);
        EXPECT_FALSE(crossExamine(*machine, oracle, lying, lying, lie).aliceWins);
        const auto mixed = crossExamine(*machine, oracle, lying, truth, lie);
        EXPECT_TRUE(mixed.inconsistent);
        EXPECT_FALSE(mixed.aliceWins);
        EXPECT_EQ(mixed.veraQueries, 0);
    }
    for (std::int64_t step = 0; step < machine->steps(); ++step) EXPECT_TRUE(crossExamine(*machine, oracle, truth, truth, step).aliceWins);
}

TEST(CrossExamination, ReadsAFewNumbersHoweverLargeTheSpace) {
    // Forty groups of five, all kept apart until the end: S = 42 numbers.
    json gates = json::array(), questions = json::array(), groups = json::array();
    for (int group = 0; group < 40; ++group) {
        json inputs = json::array();
        for (int i = 0; i < 5; ++i) {
            const std::string id = fmt::format("q{}_{}", group, i);
            questions.push_back({{"id", id}, {"probability", 0.9}});
            inputs.push_back(id);
        }
        gates.push_back({{"id", fmt::format("g{}", group)}, {"op", "majority"}, {"inputs", inputs}});
        groups.push_back(fmt::format("g{}", group));
    }
    gates.push_back({{"id", "all"}, {"op", "and"}, {"inputs", groups}});
    const auto machine = readComputation({{"questions", questions}, {"gates", gates}}).value();
    ASSERT_EQ(machine->space(), 42);
    const DeterministicOracle oracle = likelierAnswers(*machine);
    const auto truth = trace(*machine, oracle);
    for (std::int64_t lie = 0; lie < machine->steps(); ++lie) {
        // A lie about an answer, and one about a number of the state that nobody touched.
        const auto lying = trace(*machine, oracle, {lie});
        const CrossExamination answer = crossExamine(*machine, oracle, lying, lying, lie);
        EXPECT_FALSE(answer.aliceWins) << lie;
        EXPECT_LE(answer.veraNumbersRead, 8) << lie;
        EXPECT_LE(answer.veraQueries, 1);
        auto altered = truth;
        for (std::size_t t = static_cast<std::size_t>(lie) + 1; t < altered.size(); ++t) altered[t].state[17] += 1;
        ASSERT_EQ(firstWrongStep(*machine, oracle, altered), lie);
        const CrossExamination silent = crossExamine(*machine, oracle, altered, altered, lie);
        EXPECT_FALSE(silent.aliceWins) << lie;
        EXPECT_EQ(silent.place.number, 17u);
        EXPECT_EQ(silent.veraQueries, 0) << "a number of the state is recomputed without the oracle";
        EXPECT_LE(silent.veraNumbersRead, 8) << lie;
    }
    for (std::int64_t step = 0; step < machine->steps(); ++step)
        for (std::size_t number = 0; number <= 42; ++number) EXPECT_TRUE(crossExamine(*machine, oracle, truth, truth, Place{step, number}).aliceWins) << step << " " << number;
}

/// Configurations of several numbers: every combination of reachable ones is tried as what Alice states.
TEST(Bisection, NoDishonestAliceBeatsHonestBobOnACircuit) {
    const auto machine = readComputation({{"type", "expression"}, {"expression", "majority(a and b, c or d, not e)"},
                                          {"questions", {{{"id", "a"}, {"probability", 0.2}}, {{"id", "b"}, {"probability", 0.9}}, {{"id", "c"}, {"probability", 0.3}},
                                                         {{"id", "d"}, {"probability", 0.1}}, {{"id", "e"}, {"probability", 0.3}}}}}).value();
    const DeterministicOracle oracle = likelierAnswers(*machine);
    const auto truth = trace(*machine, oracle);
    ASSERT_FALSE(truth.back().answer);
    ASSERT_EQ(roundsFor(machine->steps()), 3);
    std::vector<Configuration> all;
    for (int bits = 0; bits < 64; ++bits) {
        State state = machine->start();
        for (std::int64_t step = 0; step < machine->steps(); ++step) {
            const bool answer = bits >> step & 1;
            state = machine->next(step, state, answer);
            if (std::ranges::find(all, Configuration{state, answer}) == all.end()) all.push_back({state, answer});
        }
    }
    ASSERT_GT(all.size(), 10u);
    std::int64_t games = 0;
    for (const Configuration& end : all)
        for (const Configuration& first : all)
            for (const Configuration& second : all)
                for (const Configuration& third : all) {
                    if (!end.answer) continue;
                    const Configuration* said[] = {&first, &second, &third};
                    std::size_t round = 0;
                    const auto result = bisect(*machine, oracle, end, [&](std::int64_t, std::int64_t, std::int64_t) { return *said[round++]; }, honestBob(truth));
                    ASSERT_FALSE(result.aliceWins);
                    ++games;
                }
    EXPECT_GT(games, 5000);
}

}  // namespace
}  // namespace driftscope::debate
