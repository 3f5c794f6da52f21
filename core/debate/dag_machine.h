#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/debate/machine.h"

namespace driftscope::debate {

enum class Op { And, Or, Not, Majority, Threshold, WeightedSum, Compare, Parity };
/// "weighted_sum" and the like, as computations are written.
const char* opName(Op op);
/// Errors: an unknown name; `where` names the gate.
Result<Op> readOp(const std::string& name, const std::string& where);

struct Gate {
    std::string id;
    Op op = Op::And;
    std::vector<std::size_t> inputs;  ///< node indices: questions first, then gates
    std::vector<double> weights;      ///< WeightedSum: one per input
    double threshold = 0;             ///< Threshold, WeightedSum: yes from here on
};

/// Errors name the gate: no inputs, a wrong number of them, weights or a threshold that do not fit.
Result<void> checkGate(const Gate& gate);
/// Errors: a gate depends on itself (named).
Result<void> rejectCycles(const std::vector<Gate>& gates, std::size_t questions);

struct Question {
    std::string id;
    std::string text;
    double probability = 0.5;
    bool published = false;  ///< a bit of a witness: read, not asked
};

/// How answers differ from the stated probabilities.
struct Distortion {
    double noise = 0;  ///< each answer is flipped with this probability
    double drift = 0;  ///< added to every probability per step
    double apply(double p, std::int64_t step) const;
};

/// Questions and gates as a directed acyclic graph, asked depth first. Every gate is a counter over its inputs, so that the
/// state stays small however many inputs it has. The last number of the state is the value of the output.
class DagMachine : public Machine {
  public:
    DagMachine(std::vector<Question> questions, std::vector<Gate> gates, std::size_t output, bool resultBit, Distortion distortion);

    std::int64_t steps() const override { return static_cast<std::int64_t>(order_.size()) + (resultBit_ ? 1 : 0); }
    State start() const override { return State(gates_.size() + 1, 0.0); }
    bool isGate(std::int64_t step) const override;
    std::int64_t space() const override { return static_cast<std::int64_t>(gates_.size()) + 1; }
    double probability(std::int64_t step, const State& state) const override;
    State next(std::int64_t step, const State& state, bool answer) const override;
    std::string question(std::int64_t step) const override;
    std::int64_t questionNumber(std::int64_t step) const override;
    std::int64_t queryLength() const override;
    std::vector<std::size_t> reads(std::int64_t step, std::size_t number) const override;
    nlohmann::json toJson() const override;

  private:
    bool isResult(std::int64_t step) const { return step >= static_cast<std::int64_t>(order_.size()); }
    void accumulate(State& state, std::size_t gate, std::size_t slot, bool value) const;
    void deliver(State& state, std::size_t node, bool value) const;
    void schedule();
    void closeGates(const std::vector<std::size_t>& gateOrder);

    std::vector<Question> questions_;
    std::vector<Gate> gates_;
    std::size_t output_;
    bool resultBit_;
    Distortion distortion_;
    std::vector<std::size_t> order_;                                      ///< question of every step
    std::vector<std::vector<std::size_t>> closing_;                       ///< gates decided after every step, inputs first
    std::vector<std::vector<std::pair<std::size_t, std::size_t>>> parents_;  ///< gate and slot that every node feeds
};

}  // namespace driftscope::debate
