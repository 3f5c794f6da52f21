#include <algorithm>
#include <thread>

#include "core/base/atomic_file.h"
#include "core/debate/job_kinds.h"
#include "core/debate/oracle_check.h"
#include "core/debate/report.h"
#include "core/debate/sensitivity.h"
#include "core/debate/transcript.h"
#include "core/debate/witness.h"
#include "core/job/job_context.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

int threadsOf(const Params& params) {
    const std::int64_t wanted = params.integer("threads");
    return wanted > 0 ? static_cast<int>(wanted) : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

std::uint64_t seedOf(const Params& params) {
    return static_cast<std::uint64_t>(params.integer("seed"));
}

/// Single calls of a live oracle only on request: the law of its answers is known, and a measurement asks for billions.
Sampling samplingOf(const Arena& arena) {
    Sampling sampling = arena.setup.sampling;
    if (!sampling.everyCall) sampling.live = nullptr;
    return sampling;
}

std::string statement(const Arena& arena, double alice, const Interval& interval) {
    const bool yes = arena.acceptance.value >= 0.5;
    const double wins = yes ? alice : 1 - alice;
    const std::string measured = fmt::format("{} is right, and wins {:.4f} of the debates (95 % interval {:.4f} to {:.4f})", yes ? "Alice" : "Bob", wins, yes ? interval.low : 1 - interval.high, yes ? interval.high : 1 - interval.low);
    if (!arena.outside.empty()) return fmt::format("Outside the promise: nothing is guaranteed. {} {}.", arena.outside.front(), measured);
    const Strategies& s = arena.setup.strategies;
    if ((yes ? s.alice : s.bob) != "honest") return fmt::format("Inside the promise, but the side that is right does not play honestly: nothing is guaranteed. {}.", measured);
    return fmt::format("Inside the promise: the honest side wins with probability at least {:.4g}. {}.", arena.setup.parameters->d, measured);
}

/// What noise and drift do to the computation itself, which no theorem about the debate can see.
json notes(const Arena& arena, const std::string& witness) {
    json out = json::array();
    const Setup& setup = arena.setup;
    auto plain = readComputation(setup.computation, {0, 0, 0, setup.oracle}, witness);
    if (!plain) return out;
    const auto graph = StateGraph::build(**plain);
    if (!graph) return out;
    const double before = graph->acceptance()[0][0];
    const double after = arena.acceptance.value;
    if (std::abs(before - after) < 1e-12) return out;
    out.push_back(fmt::format("Noise and drift move the machine's acceptance from {:.4f} to {:.4f}{}.", before, after, (before >= 0.5) != (after >= 0.5) ? ", which turns its answer round" : ""));
    return out;
}

Result<json> study(JobContext& job, const Arena& arena) {
    SensitivityOptions options;
    options.games = std::min<std::int64_t>(job.params().integer("games"), 100'000);
    options.seed = seedOf(job.params());
    options.threads = threadsOf(job.params());
    options.kFactors = job.params().reals("k_factors");
    options.noises = job.params().reals("noises");
    options.correlations = job.params().reals("correlations");
    return sensitivity(arena, job.params(), options, job.stopToken(), [&](double share) { job.progress(100 * share, 100, "% of the sensitivity study"); });
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const json asked, readComputationParam(params));
    DS_ASSIGN(const Published published, publish(asked, params, false, job.stopToken()));
    json values = params.values();
    if (!published.bits.empty()) values["witness_bits"] = published.bits;
    DS_ASSIGN(const Params all, Params::make(measureKind().params, values));
    DS_ASSIGN(const std::shared_ptr<const Arena> arena, Arena::make(published.computation, all, job.stopToken()));
    const Setup& setup = arena->setup;
    if (!arena->players) return fail(ErrorCode::Unsupported, fmt::format("Alice's or Bob's strategy needs exact values. {}", arena->graphProblem), "Let them play honestly, or make the computation shorter.");
    const std::int64_t games = params.integer("games");
    const Sampling sampling = samplingOf(*arena);
    Kept kept{setup.machine.get(), std::vector<std::string>(static_cast<std::size_t>(std::min(games, params.integer("transcripts"))))};
    const Tally tally = playGames(arena->board(), setup.plan, sampling, *arena->players, seedOf(params), 0, games, threadsOf(params), job.stopToken(),
                                  [&](std::int64_t done) { job.progress(static_cast<double>(done), static_cast<double>(games), "game"); }, &kept);
    if (job.cancelled()) return JobContext::cancel();
    const std::int64_t decided = tally.games - tally.outOfBudget;
    const Interval interval = clopperPearson(tally.aliceWins, std::max<std::int64_t>(1, decided));
    const double wins = decided > 0 ? static_cast<double>(tally.aliceWins) / static_cast<double>(decided) : 0.5;
    const bool hasExact = arena->graph && sampling.correlation == 0 && sampling.budget == 0;
    const auto exact = hasExact ? exactValue(*arena->graph, setup.plan, setup.strategies) : std::nullopt;
    const OracleCheck check = checkOracle(*setup.machine, sampling, seedOf(params));
    json result{{"win_probability", decided > 0 ? json(wins) : json()},
                {"side", "alice"},
                {"interval", decided > 0 ? intervalJson(interval) : json()},
                {"interval_wilson", decided > 0 ? intervalJson(wilson(tally.aliceWins, decided)) : json()},
                {"exact", exact ? json(*exact) : json()},
                {"bounds", boundsJson(*arena)},
                {"plan", planJson(setup.plan)},
                {"machine", describeMachine(*arena)},
                {"k_sampled", arena->graph ? json(sampledLipschitz(*arena->graph, 200, seedOf(params))) : json()},
                {"games", tally.games},
                {"challenged", tally.challenges},
                {"out_of_budget", tally.outOfBudget},
                {"meters_total", tally.meters.toJson()},
                {"oracle_check", check.toJson()},
                {"outside_promise", arena->outside},
                {"statement", decided > 0 ? statement(*arena, wins, interval) : std::string("No game was decided within the budget.")},
                {"notes", notes(*arena, published.bits)}};
    if (!published.report.is_null()) result["witness"] = published.report;
    if (setup.oracle) {
        RandomStream random(seedOf(params), 0, 0, 0);
        result["oracle"] = setup.oracle->describe();
        result["oracle"]["repeatability"] = setup.oracle->repeatability(params.integer("pairs"), random).toJson();
        result["oracle"]["answers_were"] = sampling.live ? "asked one by one" : "drawn in bulk with the oracle's probabilities, which has the same law; sampling=calls asks one by one";
        if (setup.sampling.live) result["oracle"]["calls"] = setup.sampling.live->calls();
    }
    if (params.flag("sensitivity")) {
        DS_ASSIGN(result["sensitivity"], study(job, *arena));
    }
    for (const json& reason : result["outside_promise"]) job.warn("Outside the promise: " + reason.get<std::string>());
    for (const json& note : result["notes"]) job.warn(note.get<std::string>());
    if (!check.looksIndependent()) job.warn(check.text());
    if (!kept.games.empty()) DS_TRY(writeFileAtomically(job.out("transcripts.jsonl"), fmt::format("{}\n", fmt::join(kept.games, "\n"))));
    DS_TRY(writeFileAtomically(job.out("result.json"), result.dump(2) + "\n"));
    return result;
}

}  // namespace

JobKind measureKind() {
    std::vector<ParamSpec> specs = setupParams();
    const std::vector<ParamSpec> witness = witnessParams();
    specs.insert(specs.end(), witness.begin(), witness.end());
    const auto reals = [](std::string name, json fallback, std::string help, double low, double high) {
        return ParamSpec{.name = std::move(name), .type = ParamType::RealList, .fallback = std::move(fallback), .help = std::move(help), .minimum = low, .maximum = high, .advanced = true};
    };
    specs.insert(specs.end(), {{.name = "games", .type = ParamType::Int, .fallback = 10000, .help = "Debates to play.", .minimum = 1},
                               {.name = "threads", .type = ParamType::Int, .fallback = 0, .help = "Worker threads; 0 uses every core. The result does not depend on it.", .minimum = 0, .maximum = 1024},
                               {.name = "transcripts", .type = ParamType::Int, .fallback = 0, .help = "How many of the first games are written to transcripts.jsonl.", .minimum = 0, .maximum = 1e6},
                               {.name = "sensitivity", .type = ParamType::Bool, .fallback = false, .help = "Also measure what a wrong K, a machine near 1/2 and dependent answers do."},
                               reals("k_factors", {0.1, 0.25, 0.5, 1.0, 2.0}, "sensitivity: factors by which K is misjudged.", 0.001, 1000),
                               reals("noises", {0.0, 0.1, 0.2, 0.3, 0.4, 0.45}, "sensitivity: flip probabilities that bring the machine towards 1/2.", 0, 0.5),
                               reals("correlations", {0.0, 0.001, 0.01, 0.1, 0.5}, "sensitivity: correlations of repeated answers.", 0, 0.999)});
    return {"debate.measure", "Measure a debate",
            "Plays many debates and writes result.json: win probability of Alice with its interval beside the exact value and the theorem's bounds, whether the oracle's answers look independent, "
            "and on request how sensitive the guarantee is.",
            std::move(specs), run};
}

}  // namespace driftscope::debate
