#include "core/cells/job_progress.h"

#include <fmt/format.h>

#include "core/base/atomic_file.h"
#include "core/base/clock.h"

namespace driftscope::cells {

Result<JobState> JobState::load(const JobContext& job) {
    JobState state;
    state.file_ = job.checkpoint() / "finished.json";
    if (!job.resuming() || !std::filesystem::exists(state.file_)) return state;
    DS_ASSIGN(const std::string text, readFile(state.file_));
    state.values_ = nlohmann::json::parse(text, nullptr, false);
    if (!state.values_.is_object())
        return fail(ErrorCode::BadInput, fmt::format("{} is damaged", state.file_.string()),
                    "Run the job again in a new folder.");
    return state;
}

Result<void> JobState::save(bool immediately) {
    if (!immediately && driftscope::now() - saved_ < 1) return {};
    saved_ = driftscope::now();
    DS_TRY(makeFolder(file_.parent_path()));
    return writeFileAtomically(file_, values_.dump());
}

}  // namespace driftscope::cells
