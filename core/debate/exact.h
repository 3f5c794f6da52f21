#pragma once

#include <vector>

#include "core/debate/machine.h"
#include "core/debate/parameters.h"

namespace driftscope::debate {

/// P(Alice wins) from every state of the graph under fixed ways of playing, and at the start.
struct GameValue {
    double start = 0;
    std::vector<std::vector<double>> values;  ///< per level and node
};

/// Both honest: Alice states the mean of plan.alice answers, Bob and Vera compare it with theirs.
GameValue honestValue(const StateGraph& graph, const Plan& plan);
/// Alice honest, Bob playing to win: he sees her claim and challenges when Vera is likelier to reject it than Alice is to
/// lose by playing on.
GameValue bestBobValue(const StateGraph& graph, const Plan& plan);
/// Bob honest, Alice playing to win: at each state the claim, on a grid of 1/2000, that wins most often.
GameValue bestAliceValue(const StateGraph& graph, const Plan& plan);
/// The claim she makes at a state whose continuations are worth `ifNo` and `ifYes`.
double bestClaim(const StateGraph::Node& node, double ifNo, double ifYes, const Plan& plan);

/// Values of Alice's claim with weights that sum to 1: all of Binomial(n, p)/n, or a grid of at most `most` points within
/// nine standard deviations when n is large.
struct WeightedClaim {
    double claim;
    double weight;
};
std::vector<WeightedClaim> claimDistribution(double p, std::int64_t n, std::size_t most = 2001);

}  // namespace driftscope::debate
