#include "core/debate/machine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/base/fingerprint.h"
#include "core/debate/computation.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

double acceptance(const json& computation) {
    return StateGraph::build(*readComputation(computation).value()).value().acceptance()[0][0];
}

TEST(Computation, AgreesWithClosedForms) {
    EXPECT_NEAR(acceptance({{"type", "list"}, {"steps", 12}, {"probability", 0.98}, {"combine", "and"}}), std::pow(0.98, 12), 1e-12);
    EXPECT_NEAR(acceptance({{"type", "list"}, {"steps", 5}, {"probability", 0.1}, {"combine", "or"}}), 1 - std::pow(0.9, 5), 1e-12);
    EXPECT_NEAR(acceptance({{"type", "list"}, {"steps", 4}, {"probability", 0.5}, {"combine", "threshold"}, {"threshold", 3}}), 5.0 / 16, 1e-12);
}

/// Every gate kind and a question used twice, against enumeration of all answers.
TEST(Computation, DagAgreesWithEnumeration) {
    const json dag{{"questions", {{{"id", "a"}, {"probability", 0.3}}, {{"id", "b"}, {"probability", 0.6}}, {{"id", "c"}, {"probability", 0.8}}, {{"id", "d"}, {"probability", 0.45}}}},
                   {"gates", {{{"id", "na"}, {"op", "not"}, {"inputs", {"a"}}},
                              {{"id", "m"}, {"op", "majority"}, {"inputs", {"na", "b", "c"}}},
                              {{"id", "w"}, {"op", "weighted_sum"}, {"inputs", {"a", "b", "d"}}, {"weights", {1.5, -0.5, 1.0}}, {"threshold", 0.9}},
                              {{"id", "k"}, {"op", "compare"}, {"inputs", {"a", "c", "b", "d"}}},
                              {{"id", "o"}, {"op", "or"}, {"inputs", {"k", "w"}}},
                              {{"id", "out"}, {"op", "and"}, {"inputs", {"m", "o"}}}}},
                   {"output", "out"}};
    const double p[] = {0.3, 0.6, 0.8, 0.45};
    double expected = 0;
    for (int bits = 0; bits < 16; ++bits) {
        bool v[4];
        double mass = 1;
        for (int i = 0; i < 4; ++i) {
            v[i] = bits >> i & 1;
            mass *= v[i] ? p[i] : 1 - p[i];
        }
        const bool m = (!v[0]) + v[1] + v[2] >= 2;
        const bool w = 1.5 * v[0] - 0.5 * v[1] + 1.0 * v[3] >= 0.9;
        const bool k = v[0] + v[2] > v[1] + v[3];
        if (m && (k || w)) expected += mass;
    }
    EXPECT_NEAR(acceptance(dag), expected, 1e-12);
}

TEST(Computation, GateWithSixtyFourInputsStaysSmall) {
    json questions = json::array();
    json inputs = json::array();
    for (int i = 0; i < 64; ++i) {
        questions.push_back({{"id", fmt::format("q{}", i)}, {"probability", 0.5}});
        inputs.push_back(fmt::format("q{}", i));
    }
    const json dag{{"questions", questions}, {"gates", {{{"id", "g"}, {"op", "majority"}, {"inputs", inputs}}}}};
    const auto machine = readComputation(dag).value();
    const StateGraph graph = StateGraph::build(*machine).value();
    EXPECT_LT(graph.states(), 3000u);
    EXPECT_NEAR(graph.acceptance()[0][0], 0.5 - 0.5 * 0.0993467537, 1e-9);  // C(64,32)/2^64 ties lose
}

TEST(Computation, BadInputIsNamed) {
    const auto message = [](const json& computation) {
        const auto read = readComputation(computation);
        return read ? std::string("accepted") : read.error().message;
    };
    EXPECT_NE(message({{"type", "majority"}, {"votes", 3}, {"vote_probability", 1.2}}).find("1.2"), std::string::npos);
    EXPECT_NE(message({{"type", "majority"}, {"votes", 3}, {"vote_probability", std::nan("")}}).find("not a probability"), std::string::npos);
    EXPECT_NE(message({{"type", "list"}, {"steps", 0}, {"probability", 0.5}}).find("steps is 0"), std::string::npos);
    EXPECT_NE(message({{"type", "list"}, {"steps", 100001}, {"probability", 0.5}}).find("100001"), std::string::npos);
    EXPECT_NE(message({{"type", "dag"}}).find("asks no questions"), std::string::npos);
    EXPECT_NE(message(json::array()).find("must be a JSON object"), std::string::npos);
    EXPECT_NE(message({{"type", "quantum"}}).find("quantum"), std::string::npos);
    const json question{{"id", "a"}, {"probability", 0.5}};
    EXPECT_NE(message({{"questions", {question}}, {"gates", {{{"id", "x"}, {"op", "and"}, {"inputs", {"y"}}}, {{"id", "y"}, {"op", "and"}, {"inputs", {"x", "a"}}}}}}).find("depends on itself"), std::string::npos);
    EXPECT_NE(message({{"questions", {question}}, {"gates", {{{"id", "x"}, {"op", "and"}, {"inputs", {"b"}}}}}}).find("unknown input"), std::string::npos);
    EXPECT_NE(message({{"questions", {question, question}}}).find("used twice"), std::string::npos);
    EXPECT_NE(message({{"questions", "abc"}}).find(""), std::string::npos);
}

/// P' - P = sum over steps of E_{y~o'}[(o'(y) - o(y)) (V(1y) - V(0y))], on random machines.
TEST(Lipschitz, TelescopingIdentityHolds) {
    for (std::uint64_t trial = 0; trial < 50; ++trial) {
        const int steps = 2 + static_cast<int>(randomBits(trial, 0, 0) % 11);
        const StateGraph graph = StateGraph::build(*readComputation({{"type", "birth_death"}, {"steps", steps}, {"start", 2}, {"probability", randomUnit(trial, 0, 1)},
                                                                     {"cap", 5}, {"accept_at_least", 3}}).value()).value();
        const auto value = graph.acceptance();
        std::uint64_t counter = 0;
        std::vector<std::vector<double>> changed;
        for (std::int64_t step = 0; step < graph.steps(); ++step) {
            changed.emplace_back();
            for (std::size_t i = 0; i < graph.level(step).size(); ++i) changed.back().push_back(randomUnit(trial, 1, counter++));
        }
        std::vector<std::vector<double>> reach{{1.0}};
        double sum = 0;
        double outcome = 0;
        for (std::int64_t step = 0; step < graph.steps(); ++step) {
            const auto at = static_cast<std::size_t>(step);
            std::vector<double> following(step + 1 < graph.steps() ? graph.level(step + 1).size() : 2, 0.0);
            for (std::size_t i = 0; i < graph.level(step).size(); ++i) {
                const auto& node = graph.level(step)[i];
                sum += reach[at][i] * (changed[at][i] - node.probability) * (value[at + 1][node.yes] - value[at + 1][node.no]);
                following[node.yes] += reach[at][i] * changed[at][i];
                following[node.no] += reach[at][i] * (1 - changed[at][i]);
            }
            outcome = following[1 % following.size()];
            reach.push_back(std::move(following));
        }
        EXPECT_NEAR(outcome - value[0][0], sum, 1e-12);
    }
}

TEST(Lipschitz, CertifiedConstantBoundsEveryPerturbationAndAnUnderstatedOneDoesNot) {
    const auto machine = readComputation({{"type", "majority"}, {"votes", 5}, {"vote_probability", 0.6}}).value();
    const StateGraph graph = StateGraph::build(*machine).value();
    const LipschitzConstants k = lipschitz(*machine, graph);
    const double sampled = sampledLipschitz(graph, 10000, 3);
    EXPECT_LE(sampled, k.certified + 1e-12);
    EXPECT_GT(sampled, k.firstOrder / 4) << "a four-fold understatement must be refuted by a counter-example";
}

}  // namespace
}  // namespace driftscope::debate
