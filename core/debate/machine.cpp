#include "core/debate/machine.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/base/fingerprint.h"

namespace driftscope::debate {
namespace {

tl::unexpected<Error> tooLarge(std::size_t limit) {
    return fail(ErrorCode::Unsupported, fmt::format("The computation has more than {} states: exact values are out of reach.", limit),
                "Reorder the questions so that gates close early, or do with estimates.");
}

double stepWeight(double v0, double v1) {
    return std::abs(v1 - v0);
}

}  // namespace

bool Machine::asks(std::int64_t step, const State&) const {
    return !isGate(step);
}

std::int64_t Machine::questionNumber(std::int64_t step) const {
    return isGate(step) ? -1 : step;
}

std::vector<std::size_t> Machine::reads(std::int64_t, std::size_t) const {
    std::vector<std::size_t> all(static_cast<std::size_t>(space()));
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

nlohmann::json Machine::toJson() const {
    return nlohmann::json::object();
}

Result<StateGraph> StateGraph::build(const Machine& machine, std::size_t limit, std::stop_token stop) {
    StateGraph graph;
    std::vector<State> states{machine.start()};
    const std::int64_t steps = machine.steps();
    for (std::int64_t step = 0; step < steps; ++step) {
        if (stop.stop_requested()) return fail(ErrorCode::Cancelled, "Cancelled.");
        std::vector<Node> level;
        std::map<State, std::uint32_t> index;
        std::vector<State> following;
        const auto place = [&](State state) {
            const auto [found, added] = index.try_emplace(state, static_cast<std::uint32_t>(following.size()));
            if (added) following.push_back(std::move(state));
            return found->second;
        };
        for (const State& state : states) {
            Node node{machine.probability(step, state), 0, 1, machine.asks(step, state)};
            if (step + 1 < steps) {
                node.no = place(machine.next(step, state, false));
                node.yes = place(machine.next(step, state, true));
            }
            level.push_back(node);
        }
        graph.states_ += level.size();
        if (graph.states_ + following.size() > limit) return tooLarge(limit);
        graph.levels_.push_back(std::move(level));
        states = std::move(following);
    }
    return graph;
}

std::vector<std::vector<double>> StateGraph::fold(const Fold& value) const {
    std::vector<std::vector<double>> values(levels_.size() + 1);
    values.back() = {0.0, 1.0};
    for (std::size_t step = levels_.size(); step-- > 0;) {
        values[step].reserve(levels_[step].size());
        for (const Node& node : levels_[step])
            values[step].push_back(value(static_cast<std::int64_t>(step), node, values[step + 1][node.no], values[step + 1][node.yes]));
    }
    return values;
}

std::vector<std::vector<double>> StateGraph::acceptance() const {
    return fold([](std::int64_t, const Node& node, double no, double yes) { return node.probability * yes + (1 - node.probability) * no; });
}

std::vector<std::vector<double>> StateGraph::reach() const {
    std::vector<std::vector<double>> reach(levels_.size());
    for (std::size_t step = 0; step < levels_.size(); ++step) reach[step].assign(levels_[step].size(), 0.0);
    reach[0][0] = 1;
    for (std::size_t step = 0; step + 1 < levels_.size(); ++step)
        for (std::size_t i = 0; i < levels_[step].size(); ++i) {
            const Node& node = levels_[step][i];
            reach[step + 1][node.yes] += reach[step][i] * node.probability;
            reach[step + 1][node.no] += reach[step][i] * (1 - node.probability);
        }
    return reach;
}

LipschitzConstants lipschitz(const Machine& machine, const StateGraph& graph) {
    const auto values = graph.acceptance();
    const auto reach = graph.reach();
    LipschitzConstants out;
    for (std::int64_t step = 0; step < graph.steps(); ++step) {
        const auto at = static_cast<std::size_t>(step);
        double mean = 0;
        double largest = 0;
        for (std::size_t i = 0; i < graph.level(step).size(); ++i) {
            const StateGraph::Node& node = graph.level(step)[i];
            const double change = stepWeight(values[at + 1][node.no], values[at + 1][node.yes]);
            mean += reach[at][i] * change;
            largest = std::max(largest, change);
        }
        out.firstOrder += mean;
        out.certified += largest;
        out.perStep.push_back(largest);
        if (!machine.isGate(step)) {
            out.firstOrderNoGates += mean;
            out.certifiedNoGates += largest;
        }
    }
    return out;
}

double sampledLipschitz(const StateGraph& graph, std::int64_t trials, std::uint64_t seed) {
    const double truth = graph.acceptance()[0][0];
    double best = 0;
    for (std::int64_t trial = 0; trial < trials; ++trial) {
        const double size = std::pow(10.0, -3 * randomUnit(seed, 0, static_cast<std::uint64_t>(trial)));
        double distance = 0;
        std::uint64_t counter = 0;
        const auto changed = graph.fold([&](std::int64_t, const StateGraph::Node& node, double no, double yes) {
            // Half of the trials push every answer towards "yes" or "no" alike, which is what an attacker does.
            const double u = randomUnit(seed, static_cast<std::uint64_t>(trial) + 1, counter++);
            const double direction = trial % 4 == 0 ? 1 : trial % 4 == 1 ? -1 : 2 * u - 1;
            const double p = std::clamp(node.probability + direction * size, 0.0, 1.0);
            distance = std::max(distance, std::abs(p - node.probability));
            return p * yes + (1 - p) * no;
        });
        if (distance > 0) best = std::max(best, std::abs(changed[0][0] - truth) / distance);
    }
    return best;
}

}  // namespace driftscope::debate
