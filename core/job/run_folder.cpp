#include "core/job/run_folder.h"

#include <signal.h>
#include <unistd.h>

#include <fstream>

#include "core/base/atomic_file.h"

namespace driftscope {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

Result<json> readJson(const fs::path& path) {
    DS_ASSIGN(const std::string text, readFile(path));
    json parsed = json::parse(text, nullptr, false);
    if (parsed.is_discarded() || !parsed.is_object())
        return fail(ErrorCode::BadInput, fmt::format("{} is not a JSON object.", path.string()), "The run folder is damaged; start the run again.");
    return parsed;
}

/// An ended process keeps its id until its parent has asked about it.
bool isZombie(long pid) {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    std::string line;
    std::getline(file, line);
    const std::size_t afterName = line.rfind(')');
    return afterName != std::string::npos && line.compare(afterName, 3, ") Z") == 0;
}

/// True when process `pid` exists and was started with this run folder (a recycled id does not count).
bool processLives(long pid, double startTime) {
    if (pid <= 0 || ::kill(static_cast<pid_t>(pid), 0) != 0 || isZombie(pid)) return false;
    std::error_code code;
    const auto written = fs::last_write_time(fmt::format("/proc/{}", pid), code);
    if (code) return true;
    const auto system = std::chrono::file_clock::to_sys(written);
    const double born = std::chrono::duration<double>(system.time_since_epoch()).count();
    return born <= startTime + 5;
}

bool sameWork(const json& old, const json& now) {
    return old.value("kind", "") == now.value("kind", "") && old.value("params", json()) == now.value("params", json()) &&
           old.value("device", "") == now.value("device", "");
}

Result<void> clear(const fs::path& folder) {
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        fs::remove_all(entry.path(), code);
        if (code) return fail(ErrorCode::Io, fmt::format("Cannot remove {}.", entry.path().string()), "Check its permissions.");
    }
    return {};
}

}  // namespace

std::string_view name(RunState state) {
    switch (state) {
        case RunState::Running: return "running";
        case RunState::Done: return "done";
        case RunState::Failed: return "failed";
        case RunState::Cancelled: return "cancelled";
    }
    return "failed";
}

Result<RunFolder> RunFolder::prepare(const fs::path& folder, const std::string& kind, const json& job, bool overwrite) {
    RunFolder run;
    run.path_ = fs::absolute(folder);
    std::error_code code;
    if (fs::exists(run.path_, code) && !fs::is_directory(run.path_, code))
        return fail(ErrorCode::BadInput, fmt::format("The output {} is a file.", folder.string()), "Choose a folder with --out.");
    DS_TRY(makeFolder(run.path_));
    const bool isRun = fs::exists(run.path_ / "job.json");
    if (!isRun && !fs::is_empty(run.path_))
        return fail(ErrorCode::BadInput, fmt::format("The output folder {} holds other files.", folder.string()),
                    "Choose a new or empty folder with --out; nothing was changed.");
    if (isRun) {
        const auto old = readRun(run.path_);
        if (old && old->state == RunState::Running)
            return fail(ErrorCode::BadInput, fmt::format("A run is at work in {}.", folder.string()), "Wait for it or cancel it first.");
        if (overwrite) {
            DS_TRY(clear(run.path_));
        } else if (!old || old->state == RunState::Done || !sameWork(old->job, job)) {
            return fail(ErrorCode::BadInput,
                        fmt::format("{} already holds {} of {}.", folder.string(),
                                    old && old->state == RunState::Done ? "a finished run" : "another run",
                                    old ? old->job.value("kind", kind) : kind),
                        "Choose another --out, or add --overwrite to replace it; nothing was changed.");
        } else {
            run.resuming_ = true;
        }
    }
    DS_TRY(writeFileAtomically(run.path_ / "job.json", job.dump(2) + "\n"));
    return run;
}

Result<RunSummary> readRun(const fs::path& folder) {
    RunSummary run;
    run.folder = folder;
    DS_ASSIGN(run.job, readJson(folder / "job.json"));
    if (!fs::exists(folder / "status.json")) {
        run.status = json{{"state", "failed"}};
        return run;
    }
    DS_ASSIGN(run.status, readJson(folder / "status.json"));
    const std::string state = run.status.value("state", "failed");
    for (RunState candidate : {RunState::Running, RunState::Done, RunState::Failed, RunState::Cancelled})
        if (state == name(candidate)) run.state = candidate;
    if (run.state == RunState::Running && !processLives(run.status.value("pid", 0L), run.status.value("started", 0.0))) {
        run.state = RunState::Failed;
        run.status["state"] = "failed";
        run.status["error"] = {{"code", "internal"},
                               {"message", "The run stopped without notice (killed, or the computer was switched off)."},
                               {"remedy", "Resume it: it goes on from its last checkpoint."}};
    }
    return run;
}

}  // namespace driftscope
