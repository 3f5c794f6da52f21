#include "core/debate/computation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/base/fingerprint.h"
#include "core/debate/expression.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

double acceptance(const json& computation, const std::string& witness = {}) {
    auto machine = readComputation(computation, {}, witness);
    if (!machine) throw std::runtime_error(machine.error().text());
    return StateGraph::build(**machine).value().acceptance()[0][0];
}

std::string message(const json& computation, const std::string& witness = {}) {
    const auto read = readComputation(computation, {}, witness);
    return read ? std::string("accepted") : read.error().text();
}

/// P(formula) by trying all answers.
double enumerate(const std::vector<double>& p, const std::function<bool(const std::vector<bool>&)>& formula) {
    double total = 0;
    for (std::size_t bits = 0; bits < (std::size_t{1} << p.size()); ++bits) {
        std::vector<bool> v;
        double mass = 1;
        for (std::size_t i = 0; i < p.size(); ++i) {
            v.push_back(bits >> i & 1);
            mass *= v[i] ? p[i] : 1 - p[i];
        }
        if (formula(v)) total += mass;
    }
    return total;
}

json formula(const std::string& text) {
    json questions = json::array();
    const double p[] = {0.3, 0.6, 0.8, 0.45};
    for (int i = 0; i < 4; ++i) questions.push_back({{"id", std::string(1, static_cast<char>('a' + i))}, {"probability", p[i]}});
    return {{"type", "expression"}, {"expression", text}, {"questions", questions}};
}

TEST(Expression, AgreesWithEnumeration) {
    const std::vector<double> p{0.3, 0.6, 0.8, 0.45};
    using Bits = std::vector<bool>;
    const std::vector<std::pair<std::string, std::function<bool(const Bits&)>>> cases{
        {"a and b or c", [](const Bits& v) { return (v[0] && v[1]) || v[2]; }},
        {"a & (b | !c)", [](const Bits& v) { return v[0] && (v[1] || !v[2]); }},
        {"not a and not (b or d)", [](const Bits& v) { return !v[0] && !(v[1] || v[3]); }},
        {"majority(a, b, c)", [](const Bits& v) { return v[0] + v[1] + v[2] >= 2; }},
        {"threshold(2, a, not b, c, d)", [](const Bits& v) { return v[0] + !v[1] + v[2] + v[3] >= 2; }},
        {"parity(a, b, c, d)", [](const Bits& v) { return (v[0] + v[1] + v[2] + v[3]) % 2 == 1; }},
        {"2*a + b - 0.5*c >= 1.5", [](const Bits& v) { return 2.0 * v[0] + v[1] - 0.5 * v[2] >= 1.5; }},
        {"a + b > c + d", [](const Bits& v) { return v[0] + v[1] > v[2] + v[3]; }},
        {"a + b < c + d", [](const Bits& v) { return v[0] + v[1] < v[2] + v[3]; }},
        {"sum(a, b, c) <= 1", [](const Bits& v) { return v[0] + v[1] + v[2] <= 1; }},
        {"a + b + c + d = 2", [](const Bits& v) { return v[0] + v[1] + v[2] + v[3] == 2; }},
        {"(a and b) + (c and d) >= 1 and not(a + d >= 2)", [](const Bits& v) { return ((v[0] && v[1]) || (v[2] && v[3])) && !(v[0] && v[3]); }},
        {"0.7*a + 0.1*b + 0.1*c >= 0.9", [](const Bits& v) { return v[0] && v[1] && v[2]; }},  // whatever the rounding of the sum
        {"all(a, b) or any(c, d)", [](const Bits& v) { return (v[0] && v[1]) || v[2] || v[3]; }},
        {"\"a\" and b", [](const Bits& v) { return v[0] && v[1]; }},
        {"weighted(1.5, 2 * a, b, -0.5 * c)", [](const Bits& v) { return 2.0 * v[0] + v[1] - 0.5 * v[2] >= 1.5; }},
        {"compare(a, b vs c, d)", [](const Bits& v) { return v[0] + v[1] > v[2] + v[3]; }},
        {"a", [](const Bits& v) { return static_cast<bool>(v[0]); }}};
    for (const auto& [text, truth] : cases) EXPECT_NEAR(acceptance(formula(text)), enumerate(p, truth), 1e-12) << text;
}

TEST(Expression, BadInputSaysWhere) {
    const auto said = [](const std::string& text) {
        const auto parsed = parseExpression(text);
        return parsed ? std::string("accepted") : parsed.error().text();
    };
    EXPECT_NE(said("a and").find("column 6: a question is missing before the end"), std::string::npos);
    EXPECT_NE(said("(a or b").find("opens in column 1"), std::string::npos);
    EXPECT_NE(said("a b").find("column 3: 'b' is not expected here"), std::string::npos);
    EXPECT_NE(said("a # b").find("column 3"), std::string::npos);
    EXPECT_NE(said("2").find("a number is not yes or no"), std::string::npos);
    EXPECT_NE(said("a and a: 0.5").find("named before without it"), std::string::npos);
    EXPECT_NE(said("quorum(a, b)").find("no function 'quorum'"), std::string::npos);
    EXPECT_NE(said("a * b >= 1").find("multiplied"), std::string::npos);
    EXPECT_NE(said("a + b").find("not yes or no"), std::string::npos);
    EXPECT_NE(said("a - a >= 0").find("does not depend"), std::string::npos);
    EXPECT_NE(said("threshold(a, b)").find("needs a number"), std::string::npos);
    EXPECT_NE(said(std::string(2000, '(') + "a" + std::string(2000, ')')).find("deeply nested"), std::string::npos);
    EXPECT_NE(message({{"type", "expression"}, {"expression", "a and z"}, {"questions", {{{"id", "a"}, {"probability", 0.5}}}}}).find("'z'"), std::string::npos);
    EXPECT_NE(message({{"type", "expression"}}).find("no text 'expression'"), std::string::npos);
}

TEST(Computation, ListProgramRepeatsItsFormula) {
    const json survey = exampleComputations()["survey"];
    const double quality = enumerate({0.85, 0.9, 0.9}, [](const auto& v) { return v[0] + v[1] + v[2] >= 2; });
    const double counts = 0.95 * quality;
    double expected = 0;
    for (int k = 7; k <= 12; ++k) expected += std::exp(std::lgamma(13) - std::lgamma(k + 1) - std::lgamma(13 - k)) * std::pow(counts, k) * std::pow(1 - counts, 12 - k);
    EXPECT_NEAR(acceptance(survey), expected, 1e-12);
    const auto machine = readComputation(survey).value();
    EXPECT_EQ(machine->steps(), 12 * 4 + 1);
    EXPECT_EQ(machine->question(4), "Is study 2 relevant?");
    EXPECT_EQ(machine->question(7), "Are all outcomes of study 2 reported?");
}

/// An answer's influence is the product of |1 - 2p| over those after it, so that K is a geometric sum however long.
TEST(Computation, ParityOfNoisyAnswersHasABoundedConstant) {
    for (int steps : {10, 1000}) {
        const auto machine = readComputation({{"type", "list"}, {"steps", steps}, {"probability", 0.7}, {"combine", "parity"}}).value();
        const StateGraph graph = StateGraph::build(*machine).value();
        EXPECT_NEAR(graph.acceptance()[0][0], (1 - std::pow(1 - 2 * 0.7, steps)) / 2, 1e-12);
        EXPECT_NEAR(lipschitz(*machine, graph).certifiedNoGates, (1 - std::pow(0.4, steps)) / (1 - 0.4), 1e-9);
    }
}

TEST(Computation, BranchingProcessDiesOutAsItsGeneratingFunctionSays) {
    double extinct = 0;
    for (int generation = 0; generation < 4; ++generation) extinct = 1 - 0.6 + 0.6 * extinct * extinct;
    const json process{{"type", "branching"}, {"generations", 4}, {"start", 1}, {"offspring", 2}, {"cap", 16}, {"probability", 0.6}, {"accept_at_least", 1}};
    EXPECT_NEAR(acceptance(process), 1 - extinct, 1e-12);
    const auto machine = readComputation(process).value();
    EXPECT_EQ(machine->steps(), 65);
    EXPECT_TRUE(machine->asks(0, machine->start()));
    EXPECT_FALSE(machine->asks(1, machine->next(0, machine->start(), false))) << "nobody is left to ask about";
}

TEST(Computation, ProbabilitiesMayDifferFromStepToStep) {
    EXPECT_NEAR(acceptance({{"type", "list"}, {"probabilities", {0.9, 0.5, 0.8}}, {"combine", "and"}}), 0.36, 1e-12);
    EXPECT_NEAR(acceptance({{"type", "birth_death"}, {"steps", 2}, {"probabilities", {0.9, 0.2}}, {"start", 1}, {"cap", 3}, {"accept_at_least", 3}}), 0.18, 1e-12);
}

TEST(Computation, WritesItselfAndReadsBack) {
    for (const auto& [id, computation] : exampleComputations().get<std::map<std::string, json>>()) {
        const auto machine = readComputation(computation).value();
        const json written = json::parse(machine->toJson().dump());
        EXPECT_NEAR(acceptance(written), acceptance(computation), 1e-12) << id;
        EXPECT_EQ(readComputation(written).value()->steps(), machine->steps()) << id;
    }
}

TEST(Computation, WitnessBitsAreReadNotAsked) {
    const json puzzle{{"type", "expression"}, {"expression", "(w1 or w2) and (not w1 or w3) and (w1 + w2 + w3 = 2) and trusted"}, {"witness", {"w1", "w2", "w3"}},
                      {"questions", {{{"id", "trusted"}, {"probability", 0.9}}}}};
    EXPECT_NEAR(acceptance(puzzle, "101"), 0.9, 1e-12);
    EXPECT_NEAR(acceptance(puzzle, "110"), 0, 1e-12);
    const auto machine = readComputation(puzzle, {}, "101").value();
    std::int64_t asked = 0;
    for (std::int64_t step = 0; step < machine->steps(); ++step) asked += machine->asks(step, machine->start());
    EXPECT_EQ(asked, 1);
    EXPECT_NE(message(puzzle).find("Alice has no witness"), std::string::npos);
    EXPECT_NE(message(puzzle, "11").find("3 bits"), std::string::npos);
    EXPECT_NE(message(puzzle, "1x1").find("0 or 1"), std::string::npos);
    EXPECT_NE(message(formula("a"), "1").find("no \"witness\" bits"), std::string::npos);
}

TEST(Computation, BadSeriesAreNamed) {
    EXPECT_NE(message({{"type", "list"}, {"probabilities", {0.5, 1.5}}}).find("probabilities[1] is 1.5"), std::string::npos);
    EXPECT_NE(message({{"type", "majority"}, {"rows", {1, 2, 3}}}).find("oracle=model"), std::string::npos);
    EXPECT_NE(message({{"type", "majority"}, {"vote_probabilities", json::array()}}).find("there are no votes"), std::string::npos);
    EXPECT_NE(message({{"type", "branching"}, {"generations", 10}, {"start", 1}, {"offspring", 2}, {"cap", 20000}, {"probability", 0.5}, {"accept_at_least", 1}}).find("At most 100000"), std::string::npos);
    EXPECT_NE(message({{"type", "branching"}, {"generations", 3}, {"start", 9}, {"offspring", 2}, {"cap", 8}, {"probability", 0.5}, {"accept_at_least", 1}}).find("start is 9"), std::string::npos);
    EXPECT_NE(message({{"type", "list"}, {"steps", 50000}, {"each", "a and b and c"}, {"probability", 0.5}}).find("150000"), std::string::npos);
    EXPECT_NE(message({{"type", "list"}, {"steps", 5}, {"probability", 0.5}, {"combine", "compare"}}).find("combine must be"), std::string::npos);
}

/// Cross-examination relies on this: whatever the numbers that are not read, the recomputed one is the same.
TEST(Computation, WhatAStepReadsIsEnoughToRecomputeIt) {
    json deep = exampleComputations()["survey"];
    deep["steps"] = 3;
    const json formulas[] = {deep, exampleComputations()["review"], formula("(a and b) + (c and not d) >= 1 and majority(a, c, d)"), exampleComputations()["colony"]};
    std::uint64_t counter = 0;
    for (const json& one : formulas) {
        const auto machine = readComputation(one).value();
        const auto answerNumber = static_cast<std::size_t>(machine->space());
        for (std::uint64_t run = 0; run < 20; ++run) {
            State state = machine->start();
            for (std::int64_t step = 0; step < machine->steps(); ++step) {
                const bool answer = randomUnit(7, run, counter++) < 0.5;
                const State following = machine->next(step, state, answer);
                for (std::size_t number = 0; number <= answerNumber; ++number) {
                    State known = state;
                    const auto read = machine->reads(step, number);
                    for (std::size_t i = 0; i < known.size(); ++i)
                        if (std::ranges::find(read, i) == read.end()) known[i] = std::floor(3 * randomUnit(8, run, counter++));
                    if (number == answerNumber)
                        EXPECT_EQ(machine->probability(step, known), machine->probability(step, state));
                    else
                        EXPECT_EQ(machine->next(step, known, answer)[number], following[number]) << "step " << step << " number " << number;
                }
                state = following;
            }
        }
    }
}

}  // namespace
}  // namespace driftscope::debate
