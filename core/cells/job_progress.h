#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/job/job_context.h"

namespace driftscope::cells {

/// What a job has finished, as JSON in its checkpoint folder. Written at most once a second while work goes on.
class JobState {
  public:
    /// Loads the state of a cancelled run, or starts empty. Errors: a damaged file (named).
    static Result<JobState> load(const JobContext& job);

    nlohmann::json& values() { return values_; }
    /// Writes when a second has passed since the last time, or when `now` is set.
    Result<void> save(bool now = false);

  private:
    std::filesystem::path file_;
    nlohmann::json values_ = nlohmann::json::object();
    double saved_ = 0;
};

}  // namespace driftscope::cells
