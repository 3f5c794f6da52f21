#pragma once

#include <filesystem>
#include <stop_token>

#include "core/job/job_context.h"
#include "core/job/job_registry.h"

namespace driftscope {

/// One request to run a job.
struct JobRequest {
    std::string kind;
    nlohmann::json params = nlohmann::json::object();  ///< typed values, checked against the kind's specs
    std::filesystem::path out;
    std::string device = "auto";
    bool overwrite = false;
};

/// Checks the request, prepares the run folder, records job.json with input fingerprints and versions, runs the job and
/// writes its final state. Exceptions of libraries end as an Internal error, never as a crash.
Result<nlohmann::json> runJob(const JobRegistry& registry, const JobRequest& request, std::stop_token stop,
                              JobContext::Listener listener = {});

}  // namespace driftscope
