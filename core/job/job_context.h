#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "core/base/error.h"
#include "core/base/params.h"
#include "core/job/run_folder.h"

namespace driftscope {

/// What a job sees of the world: its parameters, its folder, and how to say where it stands. Thread-safe.
class JobContext {
  public:
    using Listener = std::function<void(const nlohmann::json& event)>;

    /// `listener` receives every event as it is written, for a terminal's progress line.
    JobContext(Params params, RunFolder folder, std::string device, nlohmann::json job, std::stop_token stop, Listener listener = {});

    const Params& params() const { return params_; }
    const std::filesystem::path& out() const { return folder_.path(); }
    std::filesystem::path out(const std::string& file) const { return folder_.path() / file; }
    /// Where optimiser state, sampler and RNG go; made on first use by the job.
    std::filesystem::path checkpoint() const { return folder_.checkpoint(); }
    /// True when a cancelled run of the same job is being continued.
    bool resuming() const { return folder_.resuming(); }
    const std::string& device() const { return device_; }  ///< "auto", "cpu" or "cuda:N"
    /// kind, parameters, versions: what every written file should carry as provenance.
    const nlohmann::json& job() const { return job_; }

    /// True once a person or Slurm asked to stop (SIGTERM, SIGINT).
    bool cancelled() const { return stop_.stop_requested(); }
    std::stop_token stopToken() const { return stop_; }
    /// What a job returns after saving its checkpoint because cancelled() was set.
    static tl::unexpected<Error> cancel();

    /// `done` of `total` in units of `stage` ("epoch", "frame"); the ETA follows from the pace since the stage began.
    /// Written at most ten times a second; the last call of a stage always is.
    void progress(double done, double total, std::string_view stage);
    /// One point of a live curve; `step` is the x coordinate.
    void metric(std::string_view name, double step, double value);
    void log(std::string_view text);
    /// Something the user should know though the job goes on: skipped rows, clamped cells.
    void warn(std::string_view text);
    int warnings() const { return warnings_; }

    /// Called by the runner: writes status.json with the final state.
    void finish(RunState state, const nlohmann::json& result, const Error* error);

  private:
    void write(nlohmann::json event);
    void writeStatus(RunState state, const nlohmann::json& extra);

    Params params_;
    RunFolder folder_;
    std::string device_;
    nlohmann::json job_;
    std::stop_token stop_;
    Listener listener_;
    std::mutex mutex_;
    std::ofstream events_;
    double started_ = 0;
    double stageStarted_ = 0;
    double stageFirst_ = 0;
    double lastProgress_ = 0;
    std::string stage_;
    nlohmann::json progress_;
    std::atomic<int> warnings_{0};
};

}  // namespace driftscope
