#include "core/debate/walk_machine.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace driftscope::debate {
namespace {

std::int64_t longest(const std::vector<std::string>& texts) {
    std::size_t most = 0;
    for (const std::string& text : texts) most = std::max(most, text.size());
    return static_cast<std::int64_t>(most);
}

}  // namespace

WalkMachine::WalkMachine(std::vector<Place> places, std::size_t start, std::vector<std::string> questions, std::vector<double> perStep, Distortion distortion)
    : places_(std::move(places)), start_(start), questions_(std::move(questions)), perStep_(std::move(perStep)), distortion_(distortion) {}

std::int64_t WalkMachine::queryLength() const {
    return longest(questions_);
}

double WalkMachine::probability(std::int64_t step, const State& state) const {
    const Place& place = at(state);
    if (isGate(step)) return place.accept ? 1 : 0;
    if (place.absorbing) return place.probability;
    return distortion_.apply(perStep_.empty() ? place.probability : perStep_[static_cast<std::size_t>(step)], step);
}

State WalkMachine::next(std::int64_t step, const State& state, bool answer) const {
    if (isGate(step)) return state;
    return {static_cast<double>(answer ? at(state).yes : at(state).no)};
}

nlohmann::json WalkMachine::toJson() const {
    nlohmann::json states = nlohmann::json::array();
    for (const Place& place : places_) {
        nlohmann::json entry{{"name", place.name}, {"probability", place.probability}, {"yes", places_[place.yes].name}, {"no", places_[place.no].name}, {"accept", place.accept}};
        if (place.absorbing) entry["absorbing"] = true;
        states.push_back(std::move(entry));
    }
    nlohmann::json out{{"type", "markov"}, {"steps", questions_.size()}, {"start", places_[start_].name}, {"states", states}};
    if (!perStep_.empty()) out["probabilities"] = perStep_;
    return out;
}

BranchingMachine::BranchingMachine(Settings settings, std::vector<std::string> questions, std::vector<double> perStep, Distortion distortion)
    : settings_(settings), questions_(std::move(questions)), perStep_(std::move(perStep)), distortion_(distortion) {}

std::int64_t BranchingMachine::queryLength() const {
    return longest(questions_);
}

double BranchingMachine::probability(std::int64_t step, const State& state) const {
    if (isGate(step)) return state[0] >= static_cast<double>(settings_.acceptAtLeast) ? 1 : 0;
    if (state[0] <= 0) return 0;
    return distortion_.apply(perStep_.empty() ? settings_.probability : perStep_[static_cast<std::size_t>(step)], step);
}

State BranchingMachine::next(std::int64_t step, const State& state, bool answer) const {
    if (isGate(step)) return state;
    State out = state;
    if (out[0] > 0) {
        out[0] -= 1;
        if (answer) out[1] = std::min(static_cast<double>(settings_.cap), out[1] + static_cast<double>(settings_.offspring));
    }
    if ((step + 1) % settings_.cap == 0) out = {out[1], 0.0};
    return out;
}

nlohmann::json BranchingMachine::toJson() const {
    nlohmann::json out{{"type", "branching"}, {"generations", settings_.generations}, {"start", settings_.start}, {"offspring", settings_.offspring},
                       {"cap", settings_.cap}, {"accept_at_least", settings_.acceptAtLeast}, {"probability", settings_.probability}};
    if (!perStep_.empty()) out["probabilities"] = perStep_;
    return out;
}

}  // namespace driftscope::debate
