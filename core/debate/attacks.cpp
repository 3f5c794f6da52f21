#include "core/debate/attacks.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "core/debate/binomial.h"

namespace driftscope::debate {
namespace {

constexpr double kNotLooked = std::numeric_limits<double>::quiet_NaN();
constexpr double kLargeGap = 0.9;  // of the threshold, for Bob's "largest"

std::int64_t mostPivotalStep(const StateGraph& graph, const std::vector<std::vector<double>>& acceptance) {
    const auto reach = graph.reach();
    std::int64_t best = 0;
    double most = -1;
    for (std::int64_t step = 0; step < graph.steps(); ++step) {
        const auto at = static_cast<std::size_t>(step);
        double mean = 0;
        for (std::size_t i = 0; i < graph.level(step).size(); ++i) {
            const StateGraph::Node& node = graph.level(step)[i];
            mean += reach[at][i] * std::abs(acceptance[at + 1][node.yes] - acceptance[at + 1][node.no]);
        }
        if (mean > most) {
            most = mean;
            best = step;
        }
    }
    return best;
}

}  // namespace

const std::vector<std::string>& aliceStrategies() {
    static const std::vector<std::string> names{"honest", "bias", "pivotal", "last", "drift", "adaptive", "random", "overclaim", "best"};
    return names;
}

const std::vector<std::string>& bobStrategies() {
    static const std::vector<std::string> names{"honest", "first", "largest", "losing", "never", "random", "best"};
    return names;
}

bool needsGraph(const Strategies& strategies) {
    const std::string& a = strategies.alice;
    return a == "pivotal" || a == "adaptive" || a == "best" || strategies.bob == "losing" || strategies.bob == "best";
}

Players::Players(const Board& board, const Plan& plan, Strategies strategies) : board_(board), plan_(plan), strategies_(std::move(strategies)) {
    if (!needsGraph(strategies_)) return;
    assert(board_.graph());
    const StateGraph& graph = *board_.graph();
    const std::string& a = strategies_.alice;
    if (a == "pivotal" || a == "adaptive" || strategies_.bob == "losing") acceptance_ = graph.acceptance();
    if (a == "pivotal") pivotal_ = mostPivotalStep(graph, acceptance_);
    if (strategies_.bob == "best") bestBob_ = bestBobValue(graph, plan_);
    if (a != "best") return;
    bestAlice_ = bestAliceValue(graph, plan_);
    for (std::int64_t step = 0; step < graph.steps(); ++step) {
        const auto& following = bestAlice_.values[static_cast<std::size_t>(step) + 1];
        std::vector<double> claims;
        for (const StateGraph::Node& node : graph.level(step)) claims.push_back(bestClaim(node, following[node.no], following[node.yes], plan_));
        bestClaims_.push_back(std::move(claims));
    }
}

void Players::play(Referee& referee) const {
    while (!referee.over()) {
        const double claim = aliceClaim(referee);
        if (referee.over() || !referee.claim(claim)) return;
        const Response response = bobResponse(referee);
        if (referee.over()) return;
        if (response.challenge)
            referee.challenge(response.estimate);
        else
            referee.accept(response.estimate);
    }
}

double Players::direction(const Referee& referee) const {
    const StateGraph::Node& node = referee.node();
    const auto& following = acceptance_[static_cast<std::size_t>(referee.step()) + 1];
    return following[node.yes] >= following[node.no] ? 1 : -1;
}

double Players::aliceClaim(Referee& referee) const {
    const std::string& a = strategies_.alice;
    const double lie = strategies_.amount;
    if (a == "best") return bestClaims_[static_cast<std::size_t>(referee.step())][referee.nodeIndex()];
    if (a == "random") return referee.stream(Party::Alice).uniform();
    if (a == "overclaim" && referee.step() == 0) return 1;
    const double honest = referee.estimate(Party::Alice, plan_.alice);
    if (a == "bias") return honest + lie;
    if (a == "drift") return honest + 0.9 * plan_.bobThreshold;
    if (a == "adaptive") return honest + direction(referee) * lie;
    if (a == "pivotal" && referee.step() == pivotal_) return honest + direction(referee) * lie;
    if (a == "last" && referee.step() + 1 == board_.steps()) return 1;
    return honest;
}

Players::Response Players::bobResponse(Referee& referee) const {
    const std::string& b = strategies_.bob;
    const double claim = referee.currentClaim();
    if (b == "never") return {false, kNotLooked};
    if (b == "first") return {referee.step() == 0, kNotLooked};
    if (b == "random") return {referee.stream(Party::Bob).bernoulli(1 / static_cast<double>(board_.steps())), kNotLooked};
    if (b == "best") {
        const StateGraph::Node& node = referee.node();
        const auto& following = bestBob_.values[static_cast<std::size_t>(referee.step()) + 1];
        const double goingOn = claim * following[node.yes] + (1 - claim) * following[node.no];
        return {closeProbability(claim, node.probability, plan_.vera, plan_.veraThreshold) < goingOn, kNotLooked};
    }
    const double estimate = referee.estimate(Party::Bob, plan_.bob);
    if (referee.over()) return {false, estimate};
    const auto ones = static_cast<std::int64_t>(std::llround(estimate * static_cast<double>(plan_.bob)));
    if (b == "largest") return {!isClose(claim, ones, plan_.bob, kLargeGap * plan_.bobThreshold), estimate};
    if (b == "losing") return {acceptance_[static_cast<std::size_t>(referee.step())][referee.nodeIndex()] > 0.5, estimate};
    return {!isClose(claim, ones, plan_.bob, plan_.bobThreshold), estimate};
}

}  // namespace driftscope::debate
