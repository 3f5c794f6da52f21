#pragma once

#include "core/topics/measure/coherence.h"
#include "core/topics/neural/adam_torch.h"
#include "core/topics/neural/networks_torch.h"
#include "core/topics/topic_model_kind.h"

namespace driftscope::topics {

/// How different the topics of a model are, to notice a collapse while it trains.
struct TopicHealth {
    double coherence = 0;     ///< NPMI over documents of the training corpus, top 10 words
    double uniqueness = 0;    ///< topic uniqueness of the top 10 words: 1 all different, 1/K all the same
    std::size_t copies = 0;   ///< topics whose ten first words are those of a topic before them
};
Result<TopicHealth> topicHealth(const Matrix& beta, const Corpus& corpus);

/// Epochs over a corpus with everything a person wants to see on the way, and a state to come back to. Order of documents
/// and random numbers follow from (seed, step), so that stopping and going on equals not stopping.
class NeuralTraining {
  public:
    NeuralTraining(const Corpus& corpus, const NeuralSettings& settings, const TrainRequest& request, const TrainHooks& hooks, const torch::Device& device, Matrix embeddings);

    /// Goes on from the request's checkpoint when there is one.
    Result<void> restore();
    Result<void> run();
    Result<TrainOutcome> outcome();

  private:
    struct Sums {
        double loss = 0, reconstruction = 0, kl = 0;
        std::int64_t documents = 0;
    };
    DocumentBatch batchOf(std::span<const std::uint32_t> which) const;
    std::vector<std::vector<std::uint32_t>> batchesOf(std::int64_t epoch) const;
    Result<void> trainEpoch();
    Result<void> step(const DocumentBatch& batch, std::int64_t batchesPerEpoch);
    Result<void> report();
    Result<void> save();
    Matrix currentBeta();
    Matrix thetaOf();
    Result<void> checkHealth(const TopicHealth& health) const;

    const Corpus& corpus_;
    NeuralSettings settings_;
    const TrainRequest& request_;
    const TrainHooks& hooks_;
    torch::Device device_;
    Matrix embeddings_;
    WordCounts counts_;
    std::shared_ptr<TopicNetwork> network_;
    Adam adam_;
    std::int64_t epoch_ = 0, batch_ = 0;  ///< the next to train
    Sums sums_, last_;                    ///< of this epoch so far, and of the last whole one
    double klWeight_ = 1, saved_ = 0, seconds_ = 0;
    std::int64_t seenDocuments_ = 0;
};

}  // namespace driftscope::topics
