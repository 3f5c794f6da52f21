#include <algorithm>
#include <cmath>

#include "core/base/atomic_file.h"
#include "core/debate/debate_jobs.h"
#include "core/debate/job_kinds.h"
#include "core/debate/report.h"
#include "core/debate/scaling.h"
#include "core/debate/study_jobs.h"
#include "core/job/job_context.h"

namespace driftscope::debate {
namespace {

using nlohmann::json;

Result<void> writeJson(JobContext& job, const std::string& file, const json& content) {
    return writeFileAtomically(job.out(file), content.dump(2) + "\n");
}

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

std::vector<ParamSpec> promise() {
    return {{.name = "w", .type = ParamType::Real, .fallback = 2.0 / 3, .help = "Promised probability that the machine is right.", .minimum = 0, .maximum = 1},
            {.name = "d", .type = ParamType::Real, .fallback = 0.6, .help = "Probability with which the honest side shall win.", .minimum = 0, .maximum = 1}};
}

}  // namespace

JobKind scaleKind() {
    return {"debate.scale", "Measure how debates scale", "Plays debates of growing length and writes scale.csv and report.md: judgements per party, slopes and break-even against direct judging.",
            with(promise(), {{.name = "steps", .type = ParamType::IntList, .fallback = {10, 100, 1000, 10000, 100000, 1000000}, .help = "Lengths T.", .minimum = 2, .maximum = 1e7},
                             {.name = "ks", .type = ParamType::RealList, .fallback = {1.0, 2.0, 5.0}, .help = "Lipschitz constants K.", .minimum = 1e-6, .maximum = 1e6},
                             {.name = "parameters", .type = ParamType::Choice, .fallback = "lean", .help = "Thresholds and sample counts.", .choices = {"lean", "tuned"}},
                             {.name = "seed", .type = ParamType::Int, .fallback = 1, .help = "Seed.", .minimum = 0}}),
            runScale};
}

JobKind optimizeKind() {
    return {"debate.optimize", "Find the cheapest parameters", "Searches the theorem's inequalities for the fewest judgements (of Vera, or in total) and writes result.json.",
            with(promise(), {{.name = "k", .type = ParamType::Real, .fallback = 1.0, .help = "Lipschitz constant K.", .minimum = 1e-6},
                             {.name = "steps", .type = ParamType::Int, .fallback = 100, .help = "Length T'.", .minimum = 1},
                             {.name = "objective", .type = ParamType::Choice, .fallback = "vera", .help = "What to save.", .choices = {"vera", "total"}}}),
            runOptimize};
}

void registerDebateJobs(JobRegistry& registry) {
    registry.add(playKind());
    registry.add(measureKind());
    registry.add(compileKind());
    registry.add(scaleKind());
    registry.add(optimizeKind());
    registerStudyJobs(registry);
}

}  // namespace driftscope::debate
