#pragma once

#include <string>
#include <vector>

#include "core/debate/dag_machine.h"

namespace driftscope::debate {

/// A walk over named places (Markov chain, birth and death): each answer chooses the next. The result bit says whether the
/// last one accepts.
class WalkMachine : public Machine {
  public:
    struct Place {
        std::string name;
        double probability = 0.5;
        std::size_t yes = 0, no = 0;
        bool accept = false;
        bool absorbing = false;  ///< nothing is asked here any more
    };
    /// `questions` are the texts of the steps; `perStep`, when not empty, replaces the places' probabilities.
    WalkMachine(std::vector<Place> places, std::size_t start, std::vector<std::string> questions, std::vector<double> perStep, Distortion distortion);

    std::int64_t steps() const override { return static_cast<std::int64_t>(questions_.size()) + 1; }
    State start() const override { return {static_cast<double>(start_)}; }
    bool isGate(std::int64_t step) const override { return step + 1 == steps(); }
    bool asks(std::int64_t step, const State& state) const override { return !isGate(step) && !at(state).absorbing; }
    std::int64_t space() const override { return 1; }
    std::int64_t queryLength() const override;
    std::string question(std::int64_t step) const override { return isGate(step) ? "result" : questions_[static_cast<std::size_t>(step)]; }
    double probability(std::int64_t step, const State& state) const override;
    State next(std::int64_t step, const State& state, bool answer) const override;
    nlohmann::json toJson() const override;

  private:
    const Place& at(const State& state) const { return places_[static_cast<std::size_t>(state[0])]; }
    std::vector<Place> places_;
    std::size_t start_;
    std::vector<std::string> questions_;
    std::vector<double> perStep_;
    Distortion distortion_;
};

/// A branching process (Galton and Watson) with at most `cap` individuals in a generation: each is asked about in turn, a
/// yes leaves `offspring` children for the next generation, a no leaves none. Accepts when the last generation has at
/// least `acceptAtLeast` individuals. The state holds how many of this generation are still to be asked about, and how
/// many children there are.
class BranchingMachine : public Machine {
  public:
    struct Settings {
        std::int64_t generations = 1;
        std::int64_t start = 1;
        std::int64_t offspring = 2;
        std::int64_t cap = 1;
        std::int64_t acceptAtLeast = 1;
        double probability = 0.5;
    };
    BranchingMachine(Settings settings, std::vector<std::string> questions, std::vector<double> perStep, Distortion distortion);

    std::int64_t steps() const override { return settings_.generations * settings_.cap + 1; }
    State start() const override { return {static_cast<double>(settings_.start), 0.0}; }
    bool isGate(std::int64_t step) const override { return step + 1 == steps(); }
    bool asks(std::int64_t step, const State& state) const override { return !isGate(step) && state[0] > 0; }
    std::int64_t space() const override { return 2; }
    std::int64_t queryLength() const override;
    std::string question(std::int64_t step) const override { return isGate(step) ? "result" : questions_[static_cast<std::size_t>(step)]; }
    double probability(std::int64_t step, const State& state) const override;
    State next(std::int64_t step, const State& state, bool answer) const override;
    nlohmann::json toJson() const override;

  private:
    Settings settings_;
    std::vector<std::string> questions_;
    std::vector<double> perStep_;
    Distortion distortion_;
};

}  // namespace driftscope::debate
