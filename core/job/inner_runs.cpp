#include "core/job/inner_runs.h"

#include "core/base/atomic_file.h"
#include "core/job/run_job.h"

namespace driftscope {

using nlohmann::json;

Result<json> InnerRuns::run(const std::string& kind, const json& params, const std::string& folder) {
    const std::filesystem::path out = job_.out(folder);
    if (const auto earlier = readRun(out); earlier && earlier->state == RunState::Done && earlier->job.value("kind", "") == kind) return earlier->status.value("result", json::object());
    if (job_.cancelled()) return JobContext::cancel();
    DS_TRY(makeFolder(out.parent_path()));
    job_.log(fmt::format("{}: {}", folder, kind));
    auto done = runJob(kinds_, {kind, params, out, job_.device(), false}, job_.stopToken());
    if (!done) return tl::unexpected(std::move(done).error().during(fmt::format("in {}", folder)));
    return done;
}

}  // namespace driftscope
