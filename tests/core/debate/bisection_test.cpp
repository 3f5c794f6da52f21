#include "core/debate/bisection.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/debate/computation.h"

namespace driftscope::debate {
namespace {

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

}  // namespace
}  // namespace driftscope::debate
