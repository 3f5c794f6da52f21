#include "core/debate/bisection.h"

#include <algorithm>

namespace driftscope::debate {
namespace {

Configuration advance(const Machine& machine, std::int64_t step, const State& state, bool answer) {
    return {machine.next(step, state, answer), answer};
}

}  // namespace

DeterministicOracle likelierAnswers(const Machine& machine) {
    return [&machine](std::int64_t step, const State& state) { return machine.probability(step, state) >= 0.5; };
}

std::vector<Configuration> trace(const Machine& machine, const DeterministicOracle& oracle, const std::vector<std::int64_t>& flipped) {
    std::vector<Configuration> out{{machine.start(), false}};
    for (std::int64_t step = 0; step < machine.steps(); ++step) {
        const bool lie = std::ranges::find(flipped, step) != flipped.end();
        out.push_back(advance(machine, step, out.back().state, oracle(step, out.back().state) != lie));
    }
    return out;
}

BisectionResult bisect(const Machine& machine, const DeterministicOracle& oracle, const Configuration& claimedEnd, const StateMiddle& alice, const Dispute& bob) {
    BisectionResult result;
    std::int64_t from = 0;
    std::int64_t to = machine.steps();
    Configuration agreed{machine.start(), false};
    Configuration disputed = claimedEnd;
    while (to - from > 1) {
        const std::int64_t middle = (from + to) / 2;
        BisectionRound round{from, middle, to, alice(from, middle, to), false};
        round.left = bob(middle, round.stated);
        if (round.left) {
            to = middle;
            disputed = round.stated;
        } else {
            from = middle;
            agreed = round.stated;
        }
        result.rounds.push_back(std::move(round));
    }
    result.disputedStep = from;
    result.veraQueries = machine.asks(from, agreed.state) ? 1 : 0;  // a gate is checked without the oracle
    result.veraNumbersRead = (static_cast<std::int64_t>(result.rounds.size()) + 2) * machine.space();
    const Configuration right = advance(machine, from, agreed.state, oracle(from, agreed.state));
    result.aliceWins = claimedEnd.answer && right == disputed;
    return result;
}

StateMiddle honestAlice(const std::vector<Configuration>& truth) {
    return [&truth](std::int64_t, std::int64_t middle, std::int64_t) { return truth[static_cast<std::size_t>(middle)]; };
}

Dispute honestBob(const std::vector<Configuration>& truth) {
    return [&truth](std::int64_t middle, const Configuration& stated) { return stated != truth[static_cast<std::size_t>(middle)]; };
}

namespace {

double numberAt(const Configuration& configuration, std::size_t number) {
    return number == configuration.state.size() ? static_cast<double>(configuration.answer) : configuration.state[number];
}

/// What the number of a place must be, given nothing but the numbers that it depends on.
double recompute(const Machine& machine, const DeterministicOracle& oracle, const std::vector<Configuration>& copy, const Place& place, const std::vector<std::size_t>& inputs) {
    const auto at = static_cast<std::size_t>(place.step);
    State known = machine.start();  // the start needs no asking
    if (place.step > 0)
        for (std::size_t input : inputs) known[input] = copy[at].state[input];
    if (place.number == known.size()) return oracle(place.step, known) ? 1 : 0;
    return machine.next(place.step, known, copy[at + 1].answer)[place.number];
}

}  // namespace

CrossExamination crossExamine(const Machine& machine, const DeterministicOracle& oracle, const std::vector<Configuration>& copyA,
                              const std::vector<Configuration>& copyB, const Place& place) {
    CrossExamination out;
    out.place = place;
    const auto at = static_cast<std::size_t>(place.step);
    const auto answer = static_cast<std::size_t>(machine.space());
    const std::vector<std::size_t> inputs = machine.reads(place.step, place.number);
    const bool needsAnswer = place.number != answer;
    out.veraNumbersRead = 2 * (1 + static_cast<std::int64_t>(place.step > 0 ? inputs.size() : 0) + needsAnswer);
    const auto differ = [&](std::size_t time, std::size_t number) { return numberAt(copyA[time], number) != numberAt(copyB[time], number); };
    out.inconsistent = differ(at + 1, place.number) || (needsAnswer && differ(at + 1, answer)) ||
                       std::ranges::any_of(inputs, [&](std::size_t input) { return place.step > 0 && differ(at, input); });
    if (out.inconsistent) return out;
    out.veraQueries = place.number == answer && machine.asks(place.step, copyA[at].state) ? 1 : 0;
    out.aliceWins = copyA.back().answer && recompute(machine, oracle, copyA, place, inputs) == numberAt(copyA[at + 1], place.number);
    return out;
}

CrossExamination crossExamine(const Machine& machine, const DeterministicOracle& oracle, const std::vector<Configuration>& copyA,
                              const std::vector<Configuration>& copyB, std::int64_t step) {
    return crossExamine(machine, oracle, copyA, copyB, likelyWrong(machine, oracle, copyA, copyB, step));
}

Place likelyWrong(const Machine& machine, const DeterministicOracle& oracle, const std::vector<Configuration>& copyA, const std::vector<Configuration>& copyB, std::int64_t step) {
    const auto answer = static_cast<std::size_t>(machine.space());
    const auto at = static_cast<std::size_t>(step);
    for (std::size_t number = 0; number <= answer; ++number)
        if (numberAt(copyA[at + 1], number) != numberAt(copyB[at + 1], number)) return {step, number};
    for (std::size_t number = answer + 1; number-- > 0;)  // the answer first: what follows from a wrong one is no second fault
        if (recompute(machine, oracle, copyA, {step, number}, machine.reads(step, number)) != numberAt(copyA[at + 1], number)) return {step, number};
    return {step, answer};
}

std::int64_t firstWrongStep(const Machine& machine, const DeterministicOracle& oracle, const std::vector<Configuration>& committed) {
    for (std::int64_t step = 0; step < machine.steps(); ++step) {
        const auto at = static_cast<std::size_t>(step);
        if (advance(machine, step, committed[at].state, oracle(step, committed[at].state)) != committed[at + 1]) return step;
    }
    return -1;
}

nlohmann::json BisectionResult::toJson() const {
    nlohmann::json list = nlohmann::json::array();
    for (const BisectionRound& round : rounds)
        list.push_back({{"from", round.from}, {"middle", round.middle}, {"to", round.to}, {"bob_disputes", round.left ? "left" : "right"}});
    return {{"winner", aliceWins ? "alice" : "bob"}, {"rounds", list}, {"disputed_step", disputedStep},
            {"meters", {{"vera_queries", veraQueries}, {"vera_numbers_read", veraNumbersRead}}}};
}

nlohmann::json CrossExamination::toJson() const {
    return {{"winner", aliceWins ? "alice" : "bob"}, {"named_step", place.step}, {"named_number", place.number}, {"copies_differ", inconsistent},
            {"meters", {{"vera_queries", veraQueries}, {"vera_numbers_read", veraNumbersRead}}}};
}

}  // namespace driftscope::debate
