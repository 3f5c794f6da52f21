#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace driftscope::debate {

/// What a machine remembers of the answers so far; equal states have equal futures.
using State = std::vector<double>;

/// A computation as a sequence of yes/no answers y_1 … y_T', each Bernoulli with a probability that may depend on the
/// answers before (the Lean form: all logic lives in the oracle). The last answer is the outcome.
class Machine {
  public:
    virtual ~Machine() = default;
    virtual std::int64_t steps() const = 0;  ///< T' = t + 1
    virtual State start() const = 0;
    virtual double probability(std::int64_t step, const State& state) const = 0;  ///< of "yes"
    virtual State next(std::int64_t step, const State& state, bool answer) const = 0;
    /// A deterministic gate, not a judgement: outside the oracle in the paper's accounting of K.
    virtual bool isGate(std::int64_t step) const = 0;
    virtual std::string question(std::int64_t step) const = 0;
    virtual std::int64_t space() const = 0;        ///< S: numbers kept between steps, at most
    virtual std::int64_t queryLength() const = 0;  ///< l: characters of the longest question

    /// Whether the step puts a question to the oracle in this state; gates, bits of a witness and idle steps do not.
    virtual bool asks(std::int64_t step, const State& state) const;
    /// Which of the computation's questions the step asks, counted from 0 as its description lists them; -1 for none.
    virtual std::int64_t questionNumber(std::int64_t step) const;
    /// The numbers of the state that must be read to check what this step makes of number `number` of the state; with
    /// `number` = space(), to check its answer. Cross-examination reads these and no more.
    virtual std::vector<std::size_t> reads(std::int64_t step, std::size_t number) const;
    /// The computation as readComputation() takes it, with every default filled in; empty for machines made in code.
    virtual nlohmann::json toJson() const;
};

/// All states a machine can be in, level by level, whatever the answers; exact values follow by dynamic programming.
class StateGraph {
  public:
    struct Node {
        double probability = 0;
        std::uint32_t no = 0;   ///< index in the next level
        std::uint32_t yes = 0;
        bool asked = true;      ///< the oracle is asked; false where the answer follows from the state
    };
    static constexpr std::size_t kDefaultLimit = 4'000'000;

    /// Errors: Unsupported for more than `limit` states (too large for exact values; measure by Monte Carlo instead), cancelled.
    static Result<StateGraph> build(const Machine& machine, std::size_t limit = kDefaultLimit, std::stop_token stop = {});

    std::int64_t steps() const { return static_cast<std::int64_t>(levels_.size()); }
    const std::vector<Node>& level(std::int64_t step) const { return levels_[static_cast<std::size_t>(step)]; }
    std::size_t states() const { return states_; }

    /// Folds `value(step, node, valueIfNo, valueIfYes)` from the last step back and returns the value of every node, level by
    /// level. After the last step the value is the outcome itself, 0 or 1.
    using Fold = std::function<double(std::int64_t step, const Node& node, double ifNo, double ifYes)>;
    std::vector<std::vector<double>> fold(const Fold& value) const;
    /// Probability of being in each node when answers follow the oracle.
    std::vector<std::vector<double>> reach() const;
    /// V: P(outcome is 1) from each node.
    std::vector<std::vector<double>> acceptance() const;

  private:
    std::vector<std::vector<Node>> levels_;
    std::size_t states_ = 0;
};

/// How strongly single answers can move the outcome.
struct LipschitzConstants {
    double firstOrder = 0;            ///< sum over steps of E|dV|: exact for small changes of this oracle
    double certified = 0;             ///< sum over steps of max|dV|: bounds every change of the oracle
    double firstOrderNoGates = 0;     ///< the same without deterministic gates, as the paper counts
    double certifiedNoGates = 0;
    std::vector<double> perStep;      ///< certified share of every step
};
LipschitzConstants lipschitz(const Machine& machine, const StateGraph& graph);

/// A lower bound of K found by trying `trials` random changes of the oracle: the largest |P' - P| / distance.
double sampledLipschitz(const StateGraph& graph, std::int64_t trials, std::uint64_t seed);

}  // namespace driftscope::debate
