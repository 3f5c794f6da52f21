#include "core/job/inner_runs.h"

#include "core/base/atomic_file.h"
#include "core/job/run_job.h"

namespace driftscope {

using nlohmann::json;

namespace {

/// A finished run answers only for the parameters it was made with; threads change no result worth a new run.
Result<void> sameParams(const JobKind& kind, const json& wanted, const json& earlier, const std::filesystem::path& folder) {
    DS_ASSIGN(const Params params, Params::make(kind.params, wanted));
    const json before = earlier.value("params", json::object());
    for (const auto& [name, value] : params.values().items())
        if (name != "threads" && before.value(name, json()) != value)
            return fail(ErrorCode::BadInput, fmt::format("{} was made with {}={}, and now it is to be {}.", folder.string(), name, before.value(name, json()).dump(), value.dump()),
                        "Choose another --out, or remove that folder to run it again.");
    return {};
}

}  // namespace

Result<json> InnerRuns::run(const std::string& kind, const json& params, const std::string& folder) {
    const std::filesystem::path out = job_.out(folder);
    if (const auto earlier = readRun(out); earlier && earlier->state == RunState::Done && earlier->job.value("kind", "") == kind) {
        if (const JobKind* known = kinds_.find(kind)) DS_TRY(sameParams(*known, params, earlier->job, out));
        return earlier->status.value("result", json::object());
    }
    if (job_.cancelled()) return JobContext::cancel();
    DS_TRY(makeFolder(out.parent_path()));
    job_.log(fmt::format("{}: {}", folder, kind));
    auto done = runJob(kinds_, {kind, params, out, job_.device(), false}, job_.stopToken());
    if (!done) return tl::unexpected(std::move(done).error().during(fmt::format("in {}", folder)));
    return done;
}

}  // namespace driftscope
