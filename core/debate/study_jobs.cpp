#include "core/debate/study_jobs.h"

#include <thread>

#include "core/base/atomic_file.h"
#include "core/debate/claims.h"
#include "core/debate/compare.h"
#include "core/io/h5ad.h"
#include "core/job/job_context.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

const std::vector<double> kFactors{0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 4};

Result<std::shared_ptr<const Arena>> arenaOf(JobContext& job) {
    DS_ASSIGN(json computation, readComputationParam(job.params()));
    return Arena::make(std::move(computation), job.params(), job.stopToken());
}

json sensitivityJson(const std::vector<Sensitivity>& rows) {
    json out = json::array();
    for (const Sensitivity& one : rows) out.push_back({{"factor", one.factor}, {"k", one.k}, {"vera_samples", one.vera}, {"bound", one.bound}, {"covered", one.covered}, {"worst", one.worst}});
    return out;
}

json boundsJson(const Arena& arena) {
    if (!arena.setup.parameters) return {{"valid", false}};
    const Guarantees bounds = guarantees(*arena.setup.parameters);
    return {{"valid", bounds.valid}, {"theorem", arena.setup.parameters->d}, {"completeness", bounds.completeness}, {"soundness", bounds.soundness}};
}

Result<json> runCompare(JobContext& job) {
    DS_ASSIGN(const std::shared_ptr<const Arena> arena, arenaOf(job));
    const int threads = job.params().integer("threads") > 0 ? static_cast<int>(job.params().integer("threads")) : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    auto rows = compareStrategies(*arena, job.params().integer("games"), threads, static_cast<std::uint64_t>(job.params().integer("seed")), job.stopToken(),
                                  [&](std::int64_t done, std::int64_t total) { job.progress(static_cast<double>(done), static_cast<double>(total), "game"); });
    if (job.cancelled()) return JobContext::cancel();
    if (!rows) return tl::unexpected(std::move(rows).error());
    json result{{"rows", comparisonJson(*rows)}, {"accept_probability", arena->acceptance.value}, {"bounds", boundsJson(*arena)}, {"k_used", arena->setup.k}, {"outside_promise", arena->outside}};
    if (arena->setup.parameters) {
        DS_ASSIGN(const std::vector<Sensitivity> sensitivity, sensitivityToK(*arena, job.params(), kFactors, job.stopToken()));
        result["sensitivity"] = sensitivityJson(sensitivity);
    }
    for (const std::string& reason : arena->outside) job.warn(reason);
    DS_TRY(writeFileAtomically(job.out("compare.csv"), comparisonCsv(*rows)));
    DS_TRY(writeFileAtomically(job.out("result.json"), result.dump(2) + "\n"));
    return result;
}

Result<json> runClaims(JobContext& job) {
    DS_ASSIGN(const std::shared_ptr<const Arena> arena, arenaOf(job));
    const std::int64_t games = job.params().integer("games");
    const ClaimOptions options{games, job.params().text("players") == "every_attack", static_cast<std::uint64_t>(job.params().integer("seed"))};
    auto table = claimTable(*arena, options, job.stopToken(), [&](std::int64_t done) { job.progress(static_cast<double>(done), static_cast<double>(games), "game"); });
    if (job.cancelled()) return JobContext::cancel();
    if (!table) return tl::unexpected(std::move(table).error());
    table->uns["debate"] = {{"computation", arena->setup.computation}, {"params", job.params().values()}};
    table->uns["driftscope_job"] = job.job();
    DS_TRY(io::writeH5ad(job.out("claims.h5ad"), *table));
    return json{{"table", "claims.h5ad"}, {"claims", table->rows()}, {"games", games}};
}

std::vector<ParamSpec> with(std::vector<ParamSpec> specs, std::vector<ParamSpec> more) {
    specs.insert(specs.end(), more.begin(), more.end());
    return specs;
}

ParamSpec count(std::string name, std::int64_t fallback, std::string help, double least) {
    return {.name = std::move(name), .type = ParamType::Int, .fallback = fallback, .help = std::move(help), .minimum = least};
}

}  // namespace

void registerStudyJobs(JobRegistry& registry) {
    registry.add({"debate.compare", "Compare attacks on a debate",
                  "Plays every attack of Alice and of Bob against an honest opponent and writes compare.csv and result.json: win probabilities with intervals, exact values where "
                  "dynamic programming gives them, and how the honest side fares when K is given too small.",
                  with(setupParams(), {count("games", 2000, "Debates per pair of strategies.", 1), count("threads", 0, "Worker threads; 0 uses every core. The result does not depend on it.", 0)}), runCompare});
    registry.add({"debate.claims", "Collect the claims of many debates",
                  "Plays debates and writes claims.h5ad: one row per claim with what was claimed, estimated and true, who challenged, and who won; maps for the embedding view.",
                  with(setupParams(), {count("games", 60, "Debates to play.", 1),
                                       {.name = "players", .type = ParamType::Choice, .fallback = "every_attack", .help = "Take turns with every attack, or play alice and bob as set.", .choices = {"every_attack", "as_set"}}}),
                  runClaims});
}

}  // namespace driftscope::debate
