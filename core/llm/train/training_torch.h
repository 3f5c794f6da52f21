#pragma once

#include "core/job/job_context.h"
#include "core/llm/train/method_torch.h"

namespace driftscope::llm {

struct TrainingOptions {
    std::string method = "sft";
    MethodOptions knobs;
    double learningRate = 1e-3, weightDecay = 0.1, clip = 1, warmup = 0.1;
    std::string schedule = "cosine";
    std::int64_t epochs = 1;
    std::int64_t maximumSteps = 0;  ///< 0 trains all epochs
    std::int64_t batch = 5, accumulate = 1;
    bool checkpointing = false;     ///< of activations
    std::uint64_t seed = 42;
    std::int64_t saveEvery = 500, observeEvery = 0, logEvery = 1;  ///< steps
    std::shared_ptr<tensor::Group> group;  ///< processes that train together, each with `batch` samples of every micro-batch
};

struct TrainingData {
    TokenSet primary, align, harmful;
};

/// Trains by one method. One object lives for one job.
class Training {
  public:
    /// Called before the first step (0), every `observeEvery` steps and after the last.
    using Observer = std::function<Result<void>(std::int64_t step)>;

    Training(JobContext& job, CausalModel& model, const FlatParameters& parameters, const TrainingData& data, TrainingOptions options);

    /// Runs, or resumes to the same bits as an uninterrupted run. Returns the numbers of the run.
    /// Errors: a loss that is not finite (the sample named), batches without targets, cancellation after saving.
    Result<nlohmann::json> run(const Observer& observer = {});

    static std::int64_t stepsOf(const TrainingOptions& options, std::size_t samples);

  private:
    Result<void> step();
    Result<void> save();
    Result<void> restore();
    Result<void> agree() const;
    bool stopping();
    std::filesystem::path file() const { return job_.checkpoint() / "last.safetensors"; }

    JobContext& job_;
    const FlatParameters& parameters_;
    TrainingOptions options_;
    StepContext context_;
    FlatAdamW optimiser_;
    std::unique_ptr<Method> method_;
    double seconds_ = 0, lastLoss_ = 0;
    std::vector<double> stepSeconds_;  ///< since the start or the last resume
    bool resumed_ = false;
};

}  // namespace driftscope::llm
