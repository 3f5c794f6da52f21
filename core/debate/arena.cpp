#include "core/debate/arena.h"

#include <algorithm>

namespace driftscope::debate {
namespace {

constexpr std::int64_t kAcceptanceRuns = 10'000;
constexpr std::int64_t kAcceptanceSteps = 20'000'000;  ///< of all runs together
constexpr std::int64_t kSampledTrials = 60;

bool runOnce(const Machine& machine, std::uint64_t seed, std::uint64_t run) {
    State state = machine.start();
    bool answer = false;
    for (std::int64_t step = 0; step < machine.steps(); ++step) {
        answer = randomUnit(seed, run, static_cast<std::uint64_t>(step)) < machine.probability(step, state);
        state = machine.next(step, state, answer);
    }
    return answer;
}

/// K must be known before parameters are; where it cannot be computed, T' bounds it, because one answer moves a probability
/// by at most 1.
Result<Setup> makeSetup(const nlohmann::json& computation, const Params& params, bool& trivial) {
    auto setup = Setup::make(computation, params);
    if (setup || setup.error().code != ErrorCode::Unsupported || params.isSet("k")) return setup;
    DS_ASSIGN(const std::unique_ptr<Machine> machine, readComputation(computation));
    nlohmann::json values = params.values();
    values["k"] = static_cast<double>(machine->steps());
    DS_ASSIGN(const Params bounded, Params::make(setupParams(), values));
    trivial = true;
    return Setup::make(computation, bounded);
}

}  // namespace

Acceptance sampleAcceptance(const Machine& machine, std::int64_t runs, std::uint64_t seed, std::stop_token stop) {
    std::int64_t accepted = 0;
    std::int64_t done = 0;
    for (; done < runs && !stop.stop_requested(); ++done) accepted += runOnce(machine, seed, static_cast<std::uint64_t>(done));
    if (done == 0) return {0.5, {0, 1}, 0};
    return {static_cast<double>(accepted) / static_cast<double>(done), clopperPearson(accepted, done), done};
}

Result<std::shared_ptr<const Arena>> Arena::make(nlohmann::json computation, const Params& params, std::stop_token stop) {
    auto arena = std::make_shared<Arena>();
    DS_ASSIGN(arena->setup, makeSetup(computation, params, arena->kTrivial));
    const Setup& setup = arena->setup;
    auto graph = StateGraph::build(*setup.machine, StateGraph::kDefaultLimit, stop);
    if (!graph && graph.error().code != ErrorCode::Unsupported) return tl::unexpected(std::move(graph).error());
    if (!graph) {
        arena->graphProblem = graph.error().message;
        const std::int64_t runs = std::clamp<std::int64_t>(kAcceptanceSteps / setup.machine->steps(), 100, kAcceptanceRuns);
        arena->acceptance = sampleAcceptance(*setup.machine, runs, static_cast<std::uint64_t>(params.integer("seed")), stop);
        arena->outside.push_back(arena->graphProblem);
        return arena;
    }
    arena->graph = std::move(*graph);
    arena->players.emplace(*arena->graph, setup.plan, setup.strategies);
    arena->constants = lipschitz(*setup.machine, *arena->graph);
    const double accepted = arena->graph->acceptance()[0][0];
    arena->acceptance = {accepted, {accepted, accepted}, 0};
    if (arena->graph->states() < 200'000) arena->kSampled = sampledLipschitz(*arena->graph, kSampledTrials, static_cast<std::uint64_t>(params.integer("seed")));
    arena->outside = outsidePromise(*arena->graph, arena->constants, setup.parameters ? &*setup.parameters : nullptr, setup.sampling, setup.k);
    return arena;
}

}  // namespace driftscope::debate
