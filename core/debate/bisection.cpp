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
    const bool isGate = machine.isGate(from);
    result.veraQueries = isGate ? 0 : 1;  // a gate is checked without the oracle
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

CrossExamination crossExamine(const Machine& machine, const DeterministicOracle& oracle, const std::vector<Configuration>& copyA,
                              const std::vector<Configuration>& copyB, std::int64_t step) {
    CrossExamination out;
    out.step = step;
    out.veraNumbersRead = 4 * machine.space();
    const auto at = static_cast<std::size_t>(step);
    out.inconsistent = copyA[at] != copyB[at] || copyA[at + 1] != copyB[at + 1];
    if (out.inconsistent) return out;
    out.veraQueries = machine.isGate(step) ? 0 : 1;
    out.aliceWins = copyA.back().answer && advance(machine, step, copyA[at].state, oracle(step, copyA[at].state)) == copyA[at + 1];
    return out;
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
    return {{"winner", aliceWins ? "alice" : "bob"}, {"named_step", step}, {"copies_differ", inconsistent},
            {"meters", {{"vera_queries", veraQueries}, {"vera_numbers_read", veraNumbersRead}}}};
}

}  // namespace driftscope::debate
