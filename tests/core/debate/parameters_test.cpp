#include "core/debate/parameters.h"

#include <gtest/gtest.h>

#include <tuple>

namespace driftscope::debate {
namespace {

/// Table of exact sample counts with the Lean defaults (natural-log formula of Debate/Protocol.lean).
TEST(Parameters, SampleCountsOfTheDefaults) {
    struct Row {
        double k;
        std::int64_t steps, alice, bob, vera;
    };
    for (const Row& row : {Row{1, 1, 26492, 11775, 105967}, Row{1, 10, 38005, 16891, 105967}, Row{1, 100, 49518, 22008, 105967}, Row{1, 1000, 61031, 27125, 105967},
                           Row{2, 100, 198070, 88032, 423866}, Row{5, 100, 1237936, 550194, 2649159}, Row{10, 1000, 6103037, 2712461, 10596635}}) {
        const Plan counts = plan(Parameters::leanDefaults(2.0 / 3, 0.6, row.k, row.steps).value());
        EXPECT_EQ(counts.alice, row.alice) << "k " << row.k << " T " << row.steps;
        EXPECT_EQ(counts.bob, row.bob) << "k " << row.k << " T " << row.steps;
        EXPECT_EQ(counts.vera, row.vera) << "k " << row.k << " T " << row.steps;
    }
}

TEST(Parameters, CountsStayBelowTheLeanBounds) {
    for (double k : {0.01, 0.5, 1.0, 3.0, 20.0})
        for (std::int64_t steps : {1, 7, 100, 12345}) {
            const Plan counts = plan(Parameters::leanDefaults(2.0 / 3, 0.6, k, steps).value());
            const auto t = static_cast<double>(steps);
            EXPECT_LE(t * static_cast<double>(counts.alice), aliceBound(k, steps));
            EXPECT_LE(t * static_cast<double>(counts.bob), bobBound(k, steps));
            EXPECT_LE(static_cast<double>(counts.vera), veraBound(k));
        }
    const Plan large = plan(Parameters::leanDefaults(2.0 / 3, 0.6, 10, 1000).value());
    EXPECT_NEAR(static_cast<double>(large.alice) / static_cast<double>(large.bob), 9.0 / 4, 1e-5);
}

TEST(Parameters, DefaultsSatisfyEveryInequalityAndGuaranteeTheGoal) {
    for (double k : {0.1, 1.0, 7.0})
        for (std::int64_t steps : {1, 100, 1000000}) {
            const Parameters p = Parameters::leanDefaults(2.0 / 3, 0.6, k, steps).value();
            EXPECT_TRUE(valid(p));
            EXPECT_NEAR(guarantees(p).completeness, 0.6402, 2e-4);
            EXPECT_NEAR(guarantees(p).soundness, 0.6044, 2e-4);
        }
    EXPECT_NEAR(guarantees(Parameters::leanDefaults(0.8, 0.6, 1, 100).value()).completeness, 0.7722, 1e-4);
    EXPECT_NEAR(guarantees(Parameters::leanDefaults(0.8, 0.6, 1, 100).value()).soundness, 0.7351, 1e-4);
}

TEST(Parameters, EachBrokenInequalityIsNamed) {
    const Parameters good = Parameters::leanDefaults(2.0 / 3, 0.6, 1, 10).value();
    const auto failing = [](Parameters p) {
        std::vector<std::string> names;
        for (const Inequality& one : check(p))
            if (!one.holds) names.push_back(one.text);
        return names;
    };
    Parameters p = good;
    p.c = p.s;
    EXPECT_EQ(failing(p).front(), "c < s");
    p = good;
    p.b = p.s;
    EXPECT_EQ(failing(p).front(), "s < b");
    p = good;
    p.q = 0.02;
    EXPECT_EQ(failing(p).front(), "q <= v");
    p = good;
    p.d = 0.65;
    EXPECT_FALSE(failing(p).empty());
}

TEST(Parameters, TunedCountsForVera) {
    const auto vera = [](double w, double d, double ratio) { return plan(Parameters::tuned(w, d, 1, 100, ratio).value()).vera; };
    const std::vector<std::tuple<double, double, std::int64_t, std::int64_t>> known{
        {2.0 / 3, 0.6, 26475, 4596}, {2.0 / 3, 0.51, 3836, 666}, {0.8, 0.6, 2308, 401}, {0.9, 0.6, 925, 161}, {0.99, 0.6, 509, 88}, {0.99, 0.9, 14841, 2577}};
    for (const auto& [w, d, third, tenth] : known) {
        EXPECT_NEAR(static_cast<double>(vera(w, d, 1.0 / 3)), static_cast<double>(third), 0.003 * static_cast<double>(third) + 1) << w << " " << d;
        EXPECT_NEAR(static_cast<double>(vera(w, d, 0.1)), static_cast<double>(tenth), 0.003 * static_cast<double>(tenth) + 1) << w << " " << d;
    }
}

TEST(Parameters, ImpossibleGoalsAreRefused) {
    EXPECT_NE(Parameters::leanDefaults(2.0 / 3, 0.6, 0, 10).error().message.find("K is 0"), std::string::npos);
    EXPECT_NE(Parameters::leanDefaults(2.0 / 3, 0.6, 1, 0).error().message.find("T is 0"), std::string::npos);
    EXPECT_FALSE(Parameters::tuned(0.6, 0.7, 1, 10));
}

}  // namespace
}  // namespace driftscope::debate
