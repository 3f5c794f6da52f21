#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/base/error.h"

namespace driftscope {

/// State of a run as its status.json tells it.
enum class RunState { Running, Done, Failed, Cancelled };
std::string_view name(RunState state);

/// A run is a folder: job.json (what was asked), events.jsonl (append-only), status.json (atomic), checkpoint/, results.
class RunFolder {
  public:
    /// Prepares `folder` for a run of `kind` with `params`.
    /// A new or empty folder is taken. A cancelled or failed run of the same kind and parameters is resumed. A finished
    /// or different run, or a folder with foreign files, is refused unless `overwrite` (which removes the old run's
    /// files only when the folder is a run folder).
    static Result<RunFolder> prepare(const std::filesystem::path& folder, const std::string& kind, const nlohmann::json& job,
                                     bool overwrite);

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path checkpoint() const { return path_ / "checkpoint"; }
    bool resuming() const { return resuming_; }

  private:
    std::filesystem::path path_;
    bool resuming_ = false;
};

/// What a run folder says about itself, for lists of runs.
struct RunSummary {
    std::filesystem::path folder;
    nlohmann::json job;     ///< job.json
    nlohmann::json status;  ///< status.json
    RunState state = RunState::Failed;
};

/// Reads job.json and status.json. A run that says "running" but whose process is gone is reported as Failed with the
/// error "stopped without notice". Errors: not a run folder, malformed JSON.
Result<RunSummary> readRun(const std::filesystem::path& folder);

}  // namespace driftscope
