#pragma once

#include "core/job/job_context.h"
#include "core/job/job_registry.h"

namespace driftscope {

/// Runs jobs inside a job, each in a folder of its own below the outer run. What is finished is not run again, what was
/// interrupted goes on, and a finished run with other parameters is an error.
class InnerRuns {
  public:
    InnerRuns(JobContext& job, const JobRegistry& kinds) : job_(job), kinds_(kinds) {}
    /// The result of the run, now or earlier. `folder` is relative to the outer run, or absolute. Errors: those of the run,
    /// cancellation.
    Result<nlohmann::json> run(const std::string& kind, const nlohmann::json& params, const std::string& folder);

  private:
    JobContext& job_;
    const JobRegistry& kinds_;
};

}  // namespace driftscope
