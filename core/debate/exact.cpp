#include "core/debate/exact.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/debate/binomial.h"

namespace driftscope::debate {
namespace {

constexpr int kClaimGrid = 2000;
constexpr int kFineGrid = 400;
constexpr double kNarrowThreshold = 0.05;
constexpr double kWindow = 9;  // standard deviations; the rest weighs less than 1e-18

double playOn(double claim, double ifNo, double ifYes) {
    return claim * ifYes + (1 - claim) * ifNo;
}

/// Every 1/2000, and finer where Bob's acceptance falls: with many samples that edge is narrower than the grid.
std::vector<double> claimsWorthTrying(double p, const Plan& plan) {
    std::vector<double> claims;
    for (int i = 0; i <= kClaimGrid; ++i) claims.push_back(static_cast<double>(i) / kClaimGrid);
    if (plan.bobThreshold > kNarrowThreshold) return claims;
    const double reach = 2 * plan.bobThreshold;
    for (int i = 0; i <= kFineGrid; ++i) claims.push_back(p - reach + 2 * reach * i / kFineGrid);
    // The best lie about a certain answer lies just inside what Bob lets pass.
    for (double edge : {plan.bobThreshold, plan.veraThreshold})
        for (double side : {-1.0, 1.0}) claims.push_back(p + side * edge * (1 - 1e-6));
    std::erase_if(claims, [](double claim) { return claim < 0 || claim > 1; });
    return claims;
}

/// Everything that depends on a node's probability alone, shared by the many nodes that have it.
struct Estimates {
    std::vector<WeightedClaim> claims;
    std::vector<double> bobAccepts;
    std::vector<double> veraAccepts;
};

class EstimateCache {
  public:
    EstimateCache(const Plan& plan, bool grid) : plan_(plan), grid_(grid) {}

    const Estimates& at(double p) {
        const auto [found, added] = cache_.try_emplace(p);
        if (added) {
            if (grid_)
                for (double claim : claimsWorthTrying(p, plan_)) found->second.claims.push_back({claim, 0});
            else
                found->second.claims = claimDistribution(p, plan_.alice);
            for (const WeightedClaim& one : found->second.claims) {
                found->second.bobAccepts.push_back(closeProbability(one.claim, p, plan_.bob, plan_.bobThreshold));
                found->second.veraAccepts.push_back(closeProbability(one.claim, p, plan_.vera, plan_.veraThreshold));
            }
        }
        return found->second;
    }

  private:
    const Plan& plan_;
    bool grid_;
    std::map<double, Estimates> cache_;
};

GameValue valueOf(const StateGraph& graph, const StateGraph::Fold& fold) {
    GameValue out;
    out.values = graph.fold(fold);
    out.start = out.values[0][0];
    return out;
}

}  // namespace

std::vector<WeightedClaim> claimDistribution(double p, std::int64_t n, std::size_t most) {
    if (p <= 0 || p >= 1) return {{p <= 0 ? 0.0 : 1.0, 1.0}};
    const auto nd = static_cast<double>(n);
    const double spread = kWindow * std::sqrt(nd * p * (1 - p)) + kWindow;
    const auto low = static_cast<std::int64_t>(std::max(0.0, std::floor(nd * p - spread)));
    const auto high = static_cast<std::int64_t>(std::min(nd, std::ceil(nd * p + spread)));
    const std::int64_t stride = std::max<std::int64_t>(1, (high - low) / static_cast<std::int64_t>(most - 1));
    std::vector<WeightedClaim> out;
    double total = 0;
    for (std::int64_t k = low; k <= high; k += stride) {
        out.push_back({static_cast<double>(k) / nd, binomialPmf(k, n, p)});
        total += out.back().weight;
    }
    for (WeightedClaim& one : out) one.weight /= total;
    return out;
}

GameValue honestValue(const StateGraph& graph, const Plan& plan) {
    EstimateCache cache(plan, false);
    return valueOf(graph, [&](std::int64_t, const StateGraph::Node& node, double no, double yes) {
        const Estimates& e = cache.at(node.probability);
        double sum = 0;
        for (std::size_t i = 0; i < e.claims.size(); ++i)
            sum += e.claims[i].weight * (e.bobAccepts[i] * playOn(e.claims[i].claim, no, yes) + (1 - e.bobAccepts[i]) * e.veraAccepts[i]);
        return sum;
    });
}

GameValue bestBobValue(const StateGraph& graph, const Plan& plan) {
    EstimateCache cache(plan, false);
    return valueOf(graph, [&](std::int64_t, const StateGraph::Node& node, double no, double yes) {
        const Estimates& e = cache.at(node.probability);
        double sum = 0;
        for (std::size_t i = 0; i < e.claims.size(); ++i) sum += e.claims[i].weight * std::min(e.veraAccepts[i], playOn(e.claims[i].claim, no, yes));
        return sum;
    });
}

GameValue bestAliceValue(const StateGraph& graph, const Plan& plan) {
    EstimateCache cache(plan, true);
    return valueOf(graph, [&](std::int64_t, const StateGraph::Node& node, double no, double yes) {
        const Estimates& e = cache.at(node.probability);
        double best = 0;
        for (std::size_t i = 0; i < e.claims.size(); ++i)
            best = std::max(best, e.bobAccepts[i] * playOn(e.claims[i].claim, no, yes) + (1 - e.bobAccepts[i]) * e.veraAccepts[i]);
        return best;
    });
}

double bestClaim(const StateGraph::Node& node, double no, double yes, const Plan& plan) {
    double best = -1;
    double chosen = node.probability;
    for (const double claim : claimsWorthTrying(node.probability, plan)) {
        const double accept = closeProbability(claim, node.probability, plan.bob, plan.bobThreshold);
        const double value = accept * playOn(claim, no, yes) + (1 - accept) * closeProbability(claim, node.probability, plan.vera, plan.veraThreshold);
        if (value > best) {
            best = value;
            chosen = claim;
        }
    }
    return chosen;
}

}  // namespace driftscope::debate
