#include "core/debate/debate_jobs.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "core/base/atomic_file.h"
#include "core/debate/bisection.h"
#include "core/debate/scaling.h"
#include "core/debate/setup.h"
#include "core/debate/study_jobs.h"
#include "core/debate/transcript.h"
#include "core/job/job_context.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

json intervalJson(const Interval& interval) {
    return {interval.low, interval.high};
}

Result<void> writeJson(JobContext& job, const std::string& file, const json& content) {
    return writeFileAtomically(job.out(file), content.dump(2) + "\n");
}

/// As JSON, which can be replayed, as a table, and to be read.
Result<void> writeTranscript(JobContext& job, const json& transcript) {
    DS_TRY(writeJson(job, "transcript.json", transcript));
    DS_TRY(writeFileAtomically(job.out("transcript.csv"), transcriptCsv(transcript)));
    return writeFileAtomically(job.out("transcript.md"), transcriptMarkdown(transcript));
}

json describeMachine(const Setup& setup, const StateGraph& graph, const LipschitzConstants& constants) {
    return {{"T", setup.machine->steps()},
            {"S", setup.machine->space()},
            {"l", setup.machine->queryLength()},
            {"accept_probability", graph.acceptance()[0][0]},
            {"k_used", setup.k},
            {"k_first_order", constants.firstOrder},
            {"k_certified", constants.certified},
            {"k_first_order_without_gates", constants.firstOrderNoGates},
            {"k_certified_without_gates", constants.certifiedNoGates},
            {"states", graph.states()}};
}

json planJson(const Plan& plan) {
    return {{"alice_samples", plan.alice}, {"bob_samples", plan.bob}, {"vera_samples", plan.vera}, {"bob_threshold", plan.bobThreshold},
            {"vera_threshold", plan.veraThreshold}, {"break_even_steps", breakEven(plan)}};
}

json boundsJson(const Setup& setup) {
    if (!setup.parameters) return {{"valid", false}};
    const Guarantees promised = guarantees(*setup.parameters);
    json inequalities = json::array();
    for (const Inequality& one : check(*setup.parameters)) inequalities.push_back({{"text", one.text}, {"left", one.left}, {"right", one.right}, {"holds", one.holds}});
    return {{"valid", promised.valid}, {"theorem", setup.parameters->d}, {"completeness", promised.completeness}, {"soundness", promised.soundness},
            {"formulas", {{"completeness", "(1-v)(w - k c - (1 - (1-q)^T'))"}, {"soundness", "(1-v)(1-q)^T'(w - k b)"}}},
            {"inequalities", inequalities}};
}

// ---- debate.play -----------------------------------------------------------------------------------------------------

Result<json> playStochastic(JobContext& job) {
    DS_ASSIGN(const Setup setup, Setup::read(job.params()));
    DS_ASSIGN(const StateGraph graph, StateGraph::build(*setup.machine, StateGraph::kDefaultLimit, job.stopToken()));
    const Players players(graph, setup.plan, setup.strategies);
    Referee referee(graph, setup.plan, setup.sampling, static_cast<std::uint64_t>(job.params().integer("seed")), static_cast<std::uint64_t>(job.params().integer("game")));
    players.play(referee);
    json transcript = transcriptJson(*setup.machine, referee);
    transcript["protocol"] = "stochastic";
    transcript["computation"] = setup.computation;
    transcript["params"] = job.params().values();
    transcript["plan"] = planJson(setup.plan);
    transcript["outside_promise"] = outsidePromise(graph, lipschitz(*setup.machine, graph), setup.parameters ? &*setup.parameters : nullptr, setup.sampling, setup.k);
    DS_TRY(writeTranscript(job, transcript));
    DS_TRY(writeJson(job, "meters.json", referee.meters().toJson()));
    if (referee.outOfBudget()) job.warn(fmt::format("The budget of {} answers was spent at step {}: the game has no winner.", setup.sampling.budget, referee.step() + 1));
    return json{{"winner", transcript["winner"]}, {"turns", referee.turns().size()}, {"meters", referee.meters().toJson()}};
}

/// The machine to be debated deterministically; with a witness protocol, the candidate that Alice published.
Result<std::unique_ptr<Machine>> deterministicMachine(JobContext& job, json& used) {
    DS_ASSIGN(used, readComputationParam(job.params()));
    if (job.params().text("protocol") == "witness") {
        const json candidates = used.value("candidates", json::array());
        if (candidates.empty()) return fail(ErrorCode::BadInput, "The computation has no \"candidates\" to choose a witness from.", "Give a list of computations, one per witness.");
        if (!job.params().isSet("witness"))
            return fail(ErrorCode::BadInput, "Alice has no witness.", "Finding one is outside the honest prover's budget: name it with --set witness=N.");
        const std::int64_t witness = job.params().integer("witness");
        if (witness >= static_cast<std::int64_t>(candidates.size())) return fail(ErrorCode::BadInput, fmt::format("There is no witness {}.", witness), fmt::format("There are {} candidates.", candidates.size()));
        const json chosen = candidates[static_cast<std::size_t>(witness)];
        used = chosen;
    }
    return readComputation(used);
}

Result<json> playDeterministic(JobContext& job) {
    json computation;
    DS_ASSIGN(const std::unique_ptr<Machine> machine, deterministicMachine(job, computation));
    const DeterministicOracle oracle = likelierAnswers(*machine);
    std::vector<std::int64_t> lies;
    if (job.params().isSet("lie_step")) lies.push_back(job.params().integer("lie_step"));
    if (!lies.empty() && lies[0] >= machine->steps()) return fail(ErrorCode::BadInput, fmt::format("There is no step {}.", lies[0]), fmt::format("The computation has {} steps.", machine->steps()));
    const std::vector<Configuration> truth = trace(*machine, oracle);
    const std::vector<Configuration> claimed = trace(*machine, oracle, lies);
    json result;
    if (job.params().text("protocol") == "cross_examined") {
        const std::int64_t wrong = std::max<std::int64_t>(0, firstWrongStep(*machine, oracle, claimed));
        result = crossExamine(*machine, oracle, claimed, claimed, wrong).toJson();
    } else {
        Configuration end = claimed.back();
        end.answer = true;  // Alice says yes, or there is nothing to debate
        result = bisect(*machine, oracle, end, honestAlice(claimed), honestBob(truth)).toJson();
    }
    json transcript = result;
    transcript["protocol"] = job.params().text("protocol");
    transcript["computation"] = computation;
    transcript["T"] = machine->steps();
    transcript["true_outcome"] = truth.back().answer;
    transcript["params"] = job.params().values();
    DS_TRY(writeTranscript(job, transcript));
    DS_TRY(writeJson(job, "meters.json", result["meters"]));
    return result;
}

Result<json> runPlay(JobContext& job) {
    return job.params().text("protocol") == "stochastic" ? playStochastic(job) : playDeterministic(job);
}

// ---- debate.measure --------------------------------------------------------------------------------------------------

Result<json> runMeasure(JobContext& job) {
    DS_ASSIGN(const Setup setup, Setup::read(job.params()));
    DS_ASSIGN(const StateGraph graph, StateGraph::build(*setup.machine, StateGraph::kDefaultLimit, job.stopToken()));
    const LipschitzConstants constants = lipschitz(*setup.machine, graph);
    const Players players(graph, setup.plan, setup.strategies);
    const std::int64_t games = job.params().integer("games");
    const int threads = job.params().integer("threads") > 0 ? static_cast<int>(job.params().integer("threads")) : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    const Tally tally = playGames(graph, setup.plan, setup.sampling, players, static_cast<std::uint64_t>(job.params().integer("seed")), 0, games, threads, job.stopToken(),
                                  [&](std::int64_t done) { job.progress(static_cast<double>(done), static_cast<double>(games), "game"); });
    if (job.cancelled()) return JobContext::cancel();
    const std::int64_t decided = tally.games - tally.outOfBudget;
    const Interval interval = clopperPearson(tally.aliceWins, std::max<std::int64_t>(1, decided));
    const Interval score = wilson(tally.aliceWins, std::max<std::int64_t>(1, decided));
    const auto exact = setup.sampling.correlation > 0 || setup.sampling.budget > 0 ? std::nullopt : exactValue(graph, setup.plan, setup.strategies);
    json result{{"win_probability", decided > 0 ? json(static_cast<double>(tally.aliceWins) / static_cast<double>(decided)) : json()},
                {"side", "alice"},
                {"interval", intervalJson(interval)},
                {"interval_wilson", intervalJson(score)},
                {"exact", exact ? json(*exact) : json()},
                {"bounds", boundsJson(setup)},
                {"plan", planJson(setup.plan)},
                {"machine", describeMachine(setup, graph, constants)},
                {"k_sampled", sampledLipschitz(graph, 200, static_cast<std::uint64_t>(job.params().integer("seed")))},
                {"games", tally.games},
                {"challenged", tally.challenges},
                {"out_of_budget", tally.outOfBudget},
                {"meters_total", tally.meters.toJson()},
                {"outside_promise", outsidePromise(graph, constants, setup.parameters ? &*setup.parameters : nullptr, setup.sampling, setup.k)}};
    for (const json& reason : result["outside_promise"]) job.warn(reason.get<std::string>());
    DS_TRY(writeJson(job, "result.json", result));
    return result;
}

// ---- debate.scale ----------------------------------------------------------------------------------------------------

Result<json> runScale(JobContext& job) {
    const std::vector<std::int64_t> steps = job.params().integers("steps");
    const std::vector<double> ks = job.params().reals("ks");
    std::vector<ScalePoint> points;
    for (double k : ks)
        for (std::int64_t t : steps) {
            job.progress(static_cast<double>(points.size()), static_cast<double>(ks.size() * steps.size()), "setting");
            if (t < 2 || t > 10'000'000) return fail(ErrorCode::BadInput, fmt::format("T = {} cannot be measured.", t), "Use 2 to 10,000,000.");
            auto parameters = job.params().text("parameters") == "lean" ? Parameters::leanDefaults(job.params().real("w"), job.params().real("d"), k, t)
                                                                        : Parameters::tuned(job.params().real("w"), job.params().real("d"), k, t);
            if (!parameters) return tl::unexpected(std::move(parameters).error());
            auto point = measureScale(t, k, *parameters, static_cast<std::uint64_t>(job.params().integer("seed")), job.stopToken());
            if (job.cancelled()) return JobContext::cancel();
            if (!point) return tl::unexpected(std::move(point).error());
            points.push_back(*point);
            job.metric(fmt::format("vera/k={}", k), static_cast<double>(t), static_cast<double>(point->challenged.vera));
            job.metric(fmt::format("alice/k={}", k), static_cast<double>(t), static_cast<double>(point->unchallenged.alice));
        }
    const json summary = scaleSummary(points);
    DS_TRY(writeFileAtomically(job.out("scale.csv"), scaleCsv(points)));
    DS_TRY(writeFileAtomically(job.out("report.md"), scaleMarkdown(points, summary, fmt::format("driftscope-run debate.scale --set parameters={}", job.params().text("parameters")))));
    DS_TRY(writeJson(job, "result.json", json{{"summary", summary}}));
    return json{{"summary", summary}, {"points", points.size()}};
}

// ---- debate.optimize -------------------------------------------------------------------------------------------------

Result<json> runOptimize(JobContext& job) {
    const Params& params = job.params();
    const bool total = params.text("objective") == "total";
    json table = json::array();
    json best;
    double fewest = 0;
    const int candidates = 45;
    for (int i = 1; i <= candidates; ++i) {
        job.progress(i, candidates, "ratio");
        if (job.cancelled()) return JobContext::cancel();
        const double ratio = 0.01 * i;
        auto parameters = Parameters::tuned(params.real("w"), params.real("d"), params.real("k"), params.integer("steps"), ratio);
        if (!parameters) return tl::unexpected(std::move(parameters).error());
        const Plan counts = plan(*parameters);
        const double all = static_cast<double>(counts.vera) + static_cast<double>(params.integer("steps")) * static_cast<double>(counts.alice + counts.bob);
        const json row{{"ratio", ratio}, {"c", parameters->c}, {"s", parameters->s}, {"b", parameters->b}, {"q", parameters->q}, {"v", parameters->v},
                       {"plan", planJson(counts)}, {"total", all}, {"valid", valid(*parameters)}};
        const double cost = total ? all : static_cast<double>(counts.vera);
        if (best.is_null() || cost < fewest) {
            best = row;
            fewest = cost;
        }
        table.push_back(row);
    }
    DS_TRY(writeJson(job, "result.json", json{{"best", best}, {"table", table}}));
    return json{{"best", best}};
}

std::vector<ParamSpec> with(std::vector<ParamSpec> specs, std::vector<ParamSpec> more) {
    specs.insert(specs.end(), more.begin(), more.end());
    return specs;
}

ParamSpec integer(std::string name, nlohmann::json fallback, std::string help, double low) {
    return {.name = std::move(name), .type = ParamType::Int, .fallback = fallback, .help = std::move(help), .minimum = low, .optional = fallback.is_null(), .advanced = fallback.is_null()};
}

std::vector<ParamSpec> promise() {
    return {{.name = "w", .type = ParamType::Real, .fallback = 2.0 / 3, .help = "Promised probability that the machine is right.", .minimum = 0, .maximum = 1},
            {.name = "d", .type = ParamType::Real, .fallback = 0.6, .help = "Probability with which the honest side shall win.", .minimum = 0, .maximum = 1}};
}

}  // namespace

void registerDebateJobs(JobRegistry& registry) {
    registry.add({"debate.play", "Play one debate", "Plays one debate and writes transcript.json (which the Debate panel replays), transcript.csv, transcript.md and meters.json: the stochastic protocol (Theorem 6.2), deterministic bisection (5.1), "
                  "cross-examination (5.3), or bisection with a published witness.",
                  with(setupParams(), {{.name = "protocol", .type = ParamType::Choice, .fallback = "stochastic", .help = "Which protocol.", .choices = {"stochastic", "bisection", "cross_examined", "witness"}},
                                       integer("game", 0, "Number of the game within the seed.", 0),
                                       integer("lie_step", nullptr, "Deterministic protocols: the step at which Alice's trace lies.", 0),
                                       integer("witness", nullptr, "Number of the candidate that Alice publishes as witness.", 0)}),
                  runPlay});
    registry.add({"debate.measure", "Measure a debate", "Plays many debates and writes result.json: win probability of Alice with its interval beside the exact value and the theorem's bounds.",
                  with(setupParams(), {integer("games", 10000, "Debates to play.", 1), integer("threads", 0, "Worker threads; 0 uses every core. The result does not depend on it.", 0)}), runMeasure});
    registry.add({"debate.scale", "Measure how debates scale", "Plays debates of growing length and writes scale.csv and report.md: judgements per party, slopes and break-even against direct judging.",
                  with(promise(), {{.name = "steps", .type = ParamType::IntList, .fallback = {10, 100, 1000, 10000, 100000, 1000000}, .help = "Lengths T."},
                                   {.name = "ks", .type = ParamType::RealList, .fallback = {1.0, 2.0, 5.0}, .help = "Lipschitz constants K."},
                                   {.name = "parameters", .type = ParamType::Choice, .fallback = "lean", .help = "Thresholds and sample counts.", .choices = {"lean", "tuned"}},
                                   integer("seed", 1, "Seed.", 0)}), runScale});
    registry.add({"debate.optimize", "Find the cheapest parameters", "Searches the theorem's inequalities for the fewest judgements (of Vera, or in total) and writes result.json.",
                  with(promise(), {{.name = "k", .type = ParamType::Real, .fallback = 1.0, .help = "Lipschitz constant K.", .minimum = 1e-6},
                                   integer("steps", 100, "Length T'.", 1),
                                   {.name = "objective", .type = ParamType::Choice, .fallback = "vera", .help = "What to save.", .choices = {"vera", "total"}}}), runOptimize});
    registerStudyJobs(registry);
}

}  // namespace driftscope::debate
