#include "core/debate/arena.h"

#include <algorithm>

#include "core/debate/answers.h"

namespace driftscope::debate {
namespace {

constexpr std::int64_t kRepeatedPairs = 1000;  // of answers, to say how repeatable the oracle is
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

}  // namespace

Result<Params> setupWithK(const Params& params, double k) {
    const std::vector<ParamSpec> specs = setupParams();
    nlohmann::json values = nlohmann::json::object();
    for (const ParamSpec& spec : specs)
        if (params.isSet(spec.name)) values[spec.name] = params.values()[spec.name];
    values["k"] = k;
    return Params::make(specs, values);
}

Acceptance sampleAcceptance(const Machine& machine, std::int64_t runs, std::uint64_t seed, std::stop_token stop) {
    std::int64_t accepted = 0;
    std::int64_t done = 0;
    for (; done < runs && !stop.stop_requested(); ++done) accepted += runOnce(machine, seed, static_cast<std::uint64_t>(done));
    if (done == 0) return {0.5, {0, 1}, 0};
    return {static_cast<double>(accepted) / static_cast<double>(done), clopperPearson(accepted, done), done};
}

Result<std::shared_ptr<const Arena>> Arena::make(nlohmann::json computation, const Params& params, std::stop_token stop) {
    auto arena = std::make_shared<Arena>();
    DS_ASSIGN(arena->setup, Setup::make(std::move(computation), params, stop));
    Setup& setup = arena->setup;
    arena->graph = std::move(setup.graph);
    setup.graph.reset();
    arena->graphProblem = setup.graphProblem;
    arena->constants = setup.constants;
    arena->kTrivial = !arena->graph && !params.isSet("k");
    arena->kSource = params.isSet("k") ? "given" : arena->kTrivial ? "trivial (T')" : "certified";
    if (arena->graph || !needsGraph(setup.strategies)) arena->players.emplace(arena->board(), setup.plan, setup.strategies);
    const auto seed = static_cast<std::uint64_t>(params.integer("seed"));
    if (arena->graph) {
        const double accepted = arena->graph->acceptance()[0][0];
        arena->acceptance = {accepted, {accepted, accepted}, 0};
        if (arena->graph->states() < 200'000) arena->kSampled = sampledLipschitz(*arena->graph, kSampledTrials, seed);
    } else {
        const std::int64_t runs = std::clamp<std::int64_t>(kAcceptanceSteps / setup.machine->steps(), 100, kAcceptanceRuns);
        arena->acceptance = sampleAcceptance(*setup.machine, runs, seed, stop);
    }
    if (setup.oracle) {
        RandomStream random(seed, 0, 0, 0);
        arena->repeatability = setup.oracle->repeatability(kRepeatedPairs, random);
    }
    if (stop.stop_requested()) return fail(ErrorCode::Cancelled, "Cancelled.");
    arena->outside = outsidePromise(arena->acceptance, arena->graph ? &arena->constants : nullptr, setup.parameters ? &*setup.parameters : nullptr, setup.sampling, setup.k);
    if (!arena->graph) arena->outside.push_back(arena->graphProblem);
    arena->unanswered = unansweredQuestions(setup.computation, *setup.machine);
    if (!arena->unanswered.empty())
        arena->outside.push_back(fmt::format("{} of the questions wait for a person's answer; until then the stated probabilities stand in.", arena->unanswered.size()));
    return arena;
}

}  // namespace driftscope::debate
