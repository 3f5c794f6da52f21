#include "core/debate/study_jobs.h"

#include <thread>

#include "core/base/atomic_file.h"
#include "core/debate/claims.h"
#include "core/debate/compare.h"
#include "core/debate/report.h"
#include "core/debate/witness.h"
#include "core/io/h5ad.h"
#include "core/job/job_context.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

ParamSpec count(std::string name, std::int64_t fallback, std::string help, double least, double most) {
    return {.name = std::move(name), .type = ParamType::Int, .fallback = fallback, .help = std::move(help), .minimum = least, .maximum = most};
}

std::vector<ParamSpec> debateParams(std::vector<ParamSpec> more) {
    std::vector<ParamSpec> specs = setupParams();
    for (const std::vector<ParamSpec>& list : {witnessParams(), std::move(more)}) specs.insert(specs.end(), list.begin(), list.end());
    return specs;
}

std::vector<ParamSpec> compareParams() {
    return debateParams({count("games", 2000, "Debates per pair of strategies.", 1, 1e8), count("threads", 0, "Worker threads; 0 uses every core. The result does not depend on it.", 0, 1024)});
}

std::vector<ParamSpec> claimsParams() {
    return debateParams({count("games", 60, "Debates to play.", 1, 1e7),
                         {.name = "players", .type = ParamType::Choice, .fallback = "every_attack", .help = "Take turns with every attack, or play alice and bob as set.", .choices = {"every_attack", "as_set"}}});
}

struct Ready {
    std::shared_ptr<const Arena> arena;
    Params params;  ///< with the bits of a witness that was searched
};

/// The arena of the computation, or of what Alice publishes for it.
Result<Ready> ready(JobContext& job, const std::vector<ParamSpec>& specs) {
    DS_ASSIGN(json computation, readComputationParam(job.params()));
    DS_ASSIGN(Published published, publish(std::move(computation), job.params(), false, job.stopToken()));
    json values = job.params().values();
    if (!published.bits.empty()) values["witness_bits"] = published.bits;
    DS_ASSIGN(const Params params, Params::make(specs, values));
    DS_ASSIGN(std::shared_ptr<const Arena> arena, Arena::make(std::move(published.computation), params, job.stopToken()));
    return Ready{std::move(arena), params};
}

Result<json> runCompare(JobContext& job) {
    DS_ASSIGN(const Ready setup, ready(job, compareParams()));
    const Arena* arena = setup.arena.get();
    const int threads = job.params().integer("threads") > 0 ? static_cast<int>(job.params().integer("threads")) : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    auto rows = compareStrategies(*arena, job.params().integer("games"), threads, static_cast<std::uint64_t>(job.params().integer("seed")), job.stopToken(),
                                  [&](std::int64_t done, std::int64_t total) { job.progress(static_cast<double>(done), static_cast<double>(total), "game"); });
    if (job.cancelled()) return JobContext::cancel();
    if (!rows) return tl::unexpected(std::move(rows).error());
    json result{{"rows", comparisonJson(*rows)}, {"accept_probability", arena->acceptance.value}, {"bounds", boundsJson(*arena)}, {"k_used", arena->setup.k}, {"outside_promise", arena->outside}};
    for (const std::string& reason : arena->outside) job.warn(reason);
    DS_TRY(writeFileAtomically(job.out("compare.csv"), comparisonCsv(*rows)));
    DS_TRY(writeFileAtomically(job.out("result.json"), result.dump(2) + "\n"));
    return result;
}

Result<json> runClaims(JobContext& job) {
    DS_ASSIGN(const Ready setup, ready(job, claimsParams()));
    const Arena* arena = setup.arena.get();
    const std::int64_t games = job.params().integer("games");
    const ClaimOptions options{games, job.params().text("players") == "every_attack", static_cast<std::uint64_t>(job.params().integer("seed"))};
    auto table = claimTable(*arena, options, job.stopToken(), [&](std::int64_t done) { job.progress(static_cast<double>(done), static_cast<double>(games), "game"); });
    if (job.cancelled()) return JobContext::cancel();
    if (!table) return tl::unexpected(std::move(table).error());
    table->uns["debate"] = {{"computation", arena->setup.computation}, {"params", setup.params.values()}};
    table->uns["driftscope_job"] = job.job();
    DS_TRY(io::writeH5ad(job.out("claims.h5ad"), *table));
    return json{{"table", "claims.h5ad"}, {"claims", table->rows()}, {"games", games}};
}

}  // namespace

void registerStudyJobs(JobRegistry& registry) {
    registry.add({"debate.compare", "Compare attacks on a debate",
                  "Plays every attack of Alice and of Bob against an honest opponent and writes compare.csv and result.json: win probabilities with intervals beside exact values where "
                  "dynamic programming gives them.",
                  compareParams(), runCompare});
    registry.add({"debate.claims", "Collect the claims of many debates",
                  "Plays debates and writes claims.h5ad: one row per claim with what was claimed, estimated and true, who challenged, and who won; maps for the embedding view.",
                  claimsParams(), runClaims});
}

}  // namespace driftscope::debate
