#include "core/debate/dag_machine.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace driftscope::debate {
namespace {

/// Sums of decimal weights such as 0.7 + 0.1 + 0.1 must reach 0.9 whatever the order of addition.
constexpr double kTie = 1e-9;

const std::pair<const char*, Op> kOps[] = {{"and", Op::And}, {"or", Op::Or}, {"not", Op::Not}, {"majority", Op::Majority}, {"threshold", Op::Threshold},
                                           {"weighted_sum", Op::WeightedSum}, {"compare", Op::Compare}, {"parity", Op::Parity}};

bool decide(const Gate& gate, double sum) {
    switch (gate.op) {
        case Op::And: return sum == 0;  // counts the inputs that are false
        case Op::Or: return sum > 0;
        case Op::Not: return sum == 0;
        case Op::Majority: return 2 * sum > static_cast<double>(gate.inputs.size());
        case Op::Threshold: return sum >= gate.threshold;
        case Op::WeightedSum: return sum >= gate.threshold - kTie * std::max(1.0, std::abs(gate.threshold));
        case Op::Compare: return sum > 0;
        case Op::Parity: return sum != 0;
    }
    return false;
}

tl::unexpected<Error> bad(const std::string& message, const std::string& remedy = "Correct the computation.") {
    return fail(ErrorCode::BadInput, message, remedy);
}

}  // namespace

const char* opName(Op op) {
    for (const auto& [name, known] : kOps)
        if (known == op) return name;
    return "";
}

Result<Op> readOp(const std::string& name, const std::string& where) {
    for (const auto& [known, op] : kOps)
        if (name == known) return op;
    return bad(fmt::format("{} has the unknown op '{}'.", where, name), "Use and, or, not, majority, threshold, weighted_sum, compare or parity.");
}

Result<void> checkGate(const Gate& gate) {
    const std::string where = fmt::format("Gate '{}'", gate.id);
    if (gate.inputs.empty()) return bad(where + " has no inputs.");
    if (gate.op == Op::Not && gate.inputs.size() != 1) return bad(where + " (not) must have one input.");
    if (gate.op == Op::Compare && gate.inputs.size() % 2 != 0) return bad(where + " (compare) needs as many inputs left as right.");
    if (gate.op == Op::WeightedSum && gate.weights.size() != gate.inputs.size())
        return bad(fmt::format("{} has {} inputs but {} weights.", where, gate.inputs.size(), gate.weights.size()));
    if (!std::isfinite(gate.threshold)) return bad(where + " has a threshold that is not a number.");
    if (!std::ranges::all_of(gate.weights, [](double w) { return std::isfinite(w); })) return bad(where + " has a weight that is not a number.");
    return {};
}

Result<void> rejectCycles(const std::vector<Gate>& gates, std::size_t questions) {
    std::vector<int> mark(gates.size(), 0);  // 1 open, 2 closed
    for (std::size_t root = 0; root < gates.size(); ++root) {
        std::vector<std::pair<std::size_t, std::size_t>> stack;
        if (mark[root] == 0) stack.emplace_back(root, 0);
        while (!stack.empty()) {
            auto& [gate, cursor] = stack.back();
            mark[gate] = 1;
            if (cursor == gates[gate].inputs.size()) {
                mark[gate] = 2;
                stack.pop_back();
                continue;
            }
            const std::size_t input = gates[gate].inputs[cursor++];
            if (input < questions || mark[input - questions] == 2) continue;
            if (mark[input - questions] == 1) return bad(fmt::format("Gate '{}' depends on itself.", gates[input - questions].id), "Remove the cycle.");
            stack.emplace_back(input - questions, 0);
        }
    }
    return {};
}

double Distortion::apply(double p, std::int64_t step) const {
    p = std::clamp(p + drift * static_cast<double>(step), 0.0, 1.0);
    return p * (1 - 2 * noise) + noise;
}

DagMachine::DagMachine(std::vector<Question> questions, std::vector<Gate> gates, std::size_t output, bool resultBit, Distortion distortion)
    : questions_(std::move(questions)), gates_(std::move(gates)), output_(output), resultBit_(resultBit), distortion_(distortion) {
    schedule();
}

bool DagMachine::isGate(std::int64_t step) const {
    return isResult(step) || questions_[order_[static_cast<std::size_t>(step)]].published;
}

double DagMachine::probability(std::int64_t step, const State& state) const {
    if (isResult(step)) return state.back();
    const Question& question = questions_[order_[static_cast<std::size_t>(step)]];
    return question.published ? question.probability : distortion_.apply(question.probability, step);
}

State DagMachine::next(std::int64_t step, const State& state, bool answer) const {
    State out = state;
    if (isResult(step)) return out;
    const auto at = static_cast<std::size_t>(step);
    deliver(out, order_[at], answer);
    for (std::size_t gate : closing_[at]) {
        const bool value = decide(gates_[gate], out[gate]);
        out[gate] = 0;  // closed gates leave no trace, so that equal futures are equal states
        deliver(out, questions_.size() + gate, value);
    }
    return out;
}

std::string DagMachine::question(std::int64_t step) const {
    return isResult(step) ? "result" : questions_[order_[static_cast<std::size_t>(step)]].text;
}

std::int64_t DagMachine::questionNumber(std::int64_t step) const {
    return isGate(step) ? -1 : static_cast<std::int64_t>(order_[static_cast<std::size_t>(step)]);
}

std::int64_t DagMachine::queryLength() const {
    std::size_t longest = 0;
    for (const Question& question : questions_)
        if (!question.published) longest = std::max(longest, question.text.size());
    return static_cast<std::int64_t>(longest);
}

void DagMachine::accumulate(State& state, std::size_t gateIndex, std::size_t slot, bool value) const {
    const Gate& gate = gates_[gateIndex];
    double& sum = state[gateIndex];
    switch (gate.op) {
        case Op::And: sum = std::min(1.0, sum + !value); break;
        case Op::Or:
        case Op::Not: sum = std::min(1.0, sum + value); break;
        case Op::Majority: sum += value; break;
        case Op::Threshold: sum = std::min(gate.threshold, sum + value); break;
        case Op::WeightedSum: sum += value ? gate.weights[slot] : 0; break;
        case Op::Compare: sum += value ? (slot < gate.inputs.size() / 2 ? 1 : -1) : 0; break;
        case Op::Parity: sum = sum != static_cast<double>(value); break;
    }
}

void DagMachine::deliver(State& state, std::size_t node, bool value) const {
    if (node == output_) state.back() = value;
    for (const auto& [gate, slot] : parents_[node]) accumulate(state, gate, slot, value);
}

/// Questions in the order the output needs them, depth first.
void DagMachine::schedule() {
    parents_.resize(questions_.size() + gates_.size());
    for (std::size_t gate = 0; gate < gates_.size(); ++gate)
        for (std::size_t slot = 0; slot < gates_[gate].inputs.size(); ++slot) parents_[gates_[gate].inputs[slot]].emplace_back(gate, slot);
    std::vector<std::uint8_t> seen(parents_.size(), 0);
    std::vector<std::pair<std::size_t, std::size_t>> stack{{output_, 0}};
    std::vector<std::size_t> gateOrder;
    while (!stack.empty()) {
        auto& [node, cursor] = stack.back();
        if (cursor == 0 && seen[node]) {
            stack.pop_back();
        } else if (node < questions_.size()) {
            seen[node] = 1;
            order_.push_back(node);
            stack.pop_back();
        } else if (const Gate& gate = gates_[node - questions_.size()]; cursor < gate.inputs.size()) {
            seen[node] = 1;
            const std::size_t input = gate.inputs[cursor++];
            if (!seen[input]) stack.emplace_back(input, 0);
        } else {
            gateOrder.push_back(node - questions_.size());
            stack.pop_back();
        }
    }
    closeGates(gateOrder);
}

/// A gate is decided after the last step that feeds it, directly or through other gates.
void DagMachine::closeGates(const std::vector<std::size_t>& gateOrder) {
    std::vector<std::size_t> position(questions_.size(), 0);
    for (std::size_t i = 0; i < order_.size(); ++i) position[order_[i]] = i;
    std::vector<std::size_t> closedAt(gates_.size(), 0);
    closing_.resize(order_.size());
    for (std::size_t gate : gateOrder) {
        for (std::size_t input : gates_[gate].inputs)
            closedAt[gate] = std::max(closedAt[gate], input < questions_.size() ? position[input] : closedAt[input - questions_.size()]);
        closing_[closedAt[gate]].push_back(gate);
    }
}

/// A number of the state changes when the question asked feeds its gate, or when a gate that closes now does: then that
/// gate's own counter, and what feeds it, must be read too.
std::vector<std::size_t> DagMachine::reads(std::int64_t step, std::size_t number) const {
    const std::size_t result = gates_.size();
    if (number == result + 1) return isResult(step) ? std::vector<std::size_t>{result} : std::vector<std::size_t>{};
    std::set<std::size_t> out{number};
    if (isResult(step)) return {number};
    const auto& closing = closing_[static_cast<std::size_t>(step)];
    std::vector<std::size_t> open{number};
    while (!open.empty()) {
        const std::size_t at = open.back();
        open.pop_back();
        for (std::size_t gate : closing) {
            const std::size_t node = questions_.size() + gate;
            const bool feeds = at == result ? node == output_ : std::ranges::find(gates_[at].inputs, node) != gates_[at].inputs.end();
            if (feeds && out.insert(gate).second) open.push_back(gate);
        }
    }
    return {out.begin(), out.end()};
}

nlohmann::json DagMachine::toJson() const {
    const auto nodeName = [&](std::size_t node) { return node < questions_.size() ? questions_[node].id : gates_[node - questions_.size()].id; };
    nlohmann::json questions = nlohmann::json::array();
    nlohmann::json gates = nlohmann::json::array();
    for (const Question& question : questions_) {
        questions.push_back({{"id", question.id}, {"text", question.text}, {"probability", question.probability}});
        if (question.published) questions.back()["published"] = true;
    }
    for (const Gate& gate : gates_) {
        nlohmann::json entry{{"id", gate.id}, {"op", opName(gate.op)}, {"inputs", nlohmann::json::array()}};
        for (std::size_t input : gate.inputs) entry["inputs"].push_back(nodeName(input));
        if (gate.op == Op::Threshold || gate.op == Op::WeightedSum) entry["threshold"] = gate.threshold;
        if (gate.op == Op::WeightedSum) entry["weights"] = gate.weights;
        gates.push_back(std::move(entry));
    }
    nlohmann::json out{{"type", "dag"}, {"questions", questions}, {"gates", gates}, {"output", nodeName(output_)}};
    if (!resultBit_) out["result_bit"] = false;
    return out;
}

}  // namespace driftscope::debate
