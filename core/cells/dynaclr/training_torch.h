#pragma once

#include "core/cells/dynaclr/augment_torch.h"
#include "core/cells/dynaclr/compute_torch.h"
#include "core/cells/dynaclr/losses_torch.h"
#include "core/cells/dynaclr/sampler.h"
#include "core/cells/analysis/smoothness.h"

namespace driftscope::cells {

/// What a training run is made of, besides encoder, data and sampler.
struct TrainingOptions {
    std::string loss = "ntxent";        ///< or "triplet"
    double temperature = 0.2;           ///< of NT-Xent, after annealing
    double temperatureStart = 0;        ///< of the first epoch; 0 keeps `temperature` throughout
    std::int64_t temperatureEpochs = 50;///< epochs of annealing
    double beta = 0;                    ///< hard-negative weight; 0 is plain NT-Xent
    double margin = 0.5;                ///< of the triplet loss
    bool maskSameTrack = true;          ///< cells of one track are no negatives of each other (NT-Xent)
    double learningRate = 1e-3;
    double weightDecay = 0.01;
    std::int64_t epochs = 30;
    double minutes = 0;                 ///< stop after the epoch that passes this; 0 has no limit
    std::int64_t batchesPerEpoch = 0;   ///< 0 visits every anchor once
    int initialPatch = 48;              ///< px cut before augmentation
    std::uint64_t seed = 42;
    Augmentation augmentation;
};

/// The temperature of an epoch, T_end + (T_start - T_end)(1 + cos(pi epoch / W)) / 2 and T_end from epoch W on (VisCy).
double annealedTemperature(const TrainingOptions& options, std::int64_t epoch);

/// How embeddings of held-out cells look.
struct EmbeddingMetrics {
    double effectiveRank = 0;  ///< exp of the entropy of the normalised singular values
    std::optional<Smoothness> smoothness;
};

/// exp(entropy of the normalised singular values) of centred features.
double effectiveRank(const torch::Tensor& features);

/// Trains an encoder on patches of a dataset. One object lives for one job.
class Training {
  public:
    Training(JobContext& job, const CellDataset& dataset, PatchSource& source, const Compute& compute, ContrastiveEncoder encoder, TrainingOptions options)
        : job_(job), dataset_(dataset), source_(source), compute_(compute), encoder_(std::move(encoder)), options_(std::move(options)),
          optimiser_(encoder_->parameters(), torch::optim::AdamWOptions(options_.learningRate).weight_decay(options_.weightDecay)) {}

    /// Runs or resumes to the end. `validation` may be null. Returns the numbers of the last epoch.
    /// Errors: a loss that is not finite (with step and advice), cancellation after saving.
    Result<nlohmann::json> run(const ContrastiveSampler& train, const ContrastiveSampler* validation, const std::vector<std::uint32_t>& validationRows);

    /// Features of rows without augmentation, (rows, features) on the CPU.
    Result<torch::Tensor> features(const std::vector<std::uint32_t>& rows);

  private:
    struct Prepared;
    struct StepNumbers {
        double loss = 0, positive = 0, negative = 0;
    };
    struct Progress {
        std::int64_t epoch = 0, batch = 0, step = 0;
        double seconds = 0, waited = 0;
        std::int64_t cells = 0;
        StepNumbers last;
    };

    Result<Prepared> prepare(const ContrastiveSampler& sampler, const std::vector<std::uint32_t>& anchors, std::uint64_t epoch, std::size_t index);
    torch::Tensor lossOf(const Prepared& batch, StepNumbers& numbers);
    Result<void> trainEpoch(const ContrastiveSampler& sampler);
    Result<void> step(const Prepared& batch);
    Result<double> validate(const ContrastiveSampler& sampler);
    Result<void> report(const ContrastiveSampler* validation, const std::vector<std::uint32_t>& rows);
    Result<void> save();
    Result<void> restore();
    std::filesystem::path checkpointFile() const { return job_.checkpoint() / "last.safetensors"; }

    JobContext& job_;
    const CellDataset& dataset_;
    PatchSource& source_;
    const Compute& compute_;
    ContrastiveEncoder encoder_;
    TrainingOptions options_;
    torch::optim::AdamW optimiser_;
    Progress progress_;
    nlohmann::json numbers_ = nlohmann::json::object();  ///< of the last finished epoch
};

}  // namespace driftscope::cells
