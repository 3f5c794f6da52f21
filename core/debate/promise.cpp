#include "core/debate/promise.h"

#include <algorithm>

namespace driftscope::debate {
namespace {

bool certain(double p) {
    return p <= 0 || p >= 1;
}

/// Whether the likelier answers, which the deterministic protocols take for the oracle's, are all certain along the trace.
bool certainTrace(const Machine& machine, std::int64_t& firstUncertain) {
    State state = machine.start();
    for (std::int64_t step = 0; step < machine.steps(); ++step) {
        const double p = machine.probability(step, state);
        if (!certain(p)) {
            firstUncertain = step;
            return false;
        }
        state = machine.next(step, state, p >= 0.5);
    }
    return true;
}

Promise deterministic(const Arena& arena, const PlayOptions& options) {
    const Machine& machine = *arena.setup.machine;
    Promise out;
    const bool yes = trace(machine, likelierAnswers(machine)).back().answer;
    out.side = yes ? Party::Alice : Party::Bob;
    out.probability = out.theorem = 1;
    std::int64_t step = 0;
    if (!certainTrace(machine, step))
        out.reasons.push_back(fmt::format("The oracle is not certain at step {}; this protocol takes the likelier answer for its own, and promises nothing about the rest.", step + 1));
    const bool person = yes ? options.seats.alice : options.seats.bob;
    if (person) out.reasons.push_back(fmt::format("{} is played by a person, who need not be honest.", yes ? "Alice" : "Bob"));
    if (options.seats.vera) out.reasons.push_back("Vera is played by a person, who need not follow her rule.");
    if (yes && (!options.lies.empty() || !options.secondLies.empty())) out.reasons.push_back("The machine says yes, but Alice does not state its trace.");
    out.holds = out.reasons.empty();
    return out;
}

Promise stochastic(const Arena& arena, const PlayOptions& options) {
    Promise out;
    const Setup& setup = arena.setup;
    const bool yes = arena.acceptance.value >= 0.5;
    out.side = yes ? Party::Alice : Party::Bob;
    out.reasons = arena.outside;
    if (setup.sampling.budget > 0) out.reasons.push_back("A budget may end the game before it is decided.");
    const bool honest = yes ? setup.strategies.alice == "honest" && !options.seats.alice : setup.strategies.bob == "honest" && !options.seats.bob;
    if (!honest)
        out.reasons.push_back(yes ? "The machine says yes, so the theorem speaks for Alice, but she is not honest here." : "The machine says no, so the theorem speaks for Bob, but he is not honest here.");
    if (options.seats.vera) out.reasons.push_back("Vera is played by a person, who need not follow her rule.");
    if (!setup.parameters) return out;
    const Guarantees bounds = guarantees(*setup.parameters);
    out.theorem = setup.parameters->d;
    out.probability = yes ? bounds.completeness : bounds.soundness;
    out.holds = out.reasons.empty() && bounds.valid;
    return out;
}

}  // namespace

Promise promise(const Arena& arena, const PlayOptions& options) {
    return options.protocol == "stochastic" ? stochastic(arena, options) : deterministic(arena, options);
}

}  // namespace driftscope::debate
