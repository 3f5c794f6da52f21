#pragma once

#include <memory>

#include "core/base/error.h"
#include "core/tensor/torch.h"
#include "core/topics/neural/kernels_torch.h"
#include "core/topics/neural/neural_settings.h"

namespace driftscope::topics {

/// A batch of documents, with their embeddings where the model wants them (CTM): [documents, size].
struct DocumentBatch {
    CountBatch counts;
    torch::Tensor embeddings;
};

/// The two parts of the negative evidence lower bound, per document, and what is added to it once per step.
struct LossTerms {
    torch::Tensor reconstruction, kl;  ///< [documents]
    torch::Tensor penalty;             ///< scalar, or undefined
};

/// A variational autoencoder whose latent variable is a document's mixture of topics.
class TopicNetwork : public torch::nn::Module {
  public:
    /// `batchNorm` is the share of the batch-normalised decoder, for the models that fade it out. Random draws come from
    /// LibTorch's default generator.
    virtual LossTerms losses(const DocumentBatch& batch, double batchNorm) = 0;
    /// [documents, topics] from the posterior's mean, never from a draw. The network must be in eval mode.
    virtual torch::Tensor theta(const DocumentBatch& batch) = 0;
    /// [topics, words], rows sum to 1.
    virtual torch::Tensor beta() = 0;
    /// Between collect(true) and collect(false), theta() gathers the statistics that the encoder's normalisation uses in eval
    /// mode. The reference follows them with a moving average over a thousand steps, which lags behind short trainings
    /// so far that all documents can get the same largest topic.
    virtual void collect(bool /*begin*/) {}
    /// Called before an epoch with the number of training documents.
    virtual void beginEpoch(std::int64_t /*documents*/) {}
};

/// ProdLDA: V -> hidden -> hidden softplus, dropout; mean and log variance with batch normalisation; decoder
/// softmax(BN(theta B)), dropout on theta; prior mean and variance learnt. CTM: the same with the embeddings before it.
/// SCHOLAR: V -> hidden softplus; decoder softmax(theta B + log background), faded from its batch-normalised form.
/// D-VAE: V -> hidden ReLU; theta ~ Dirichlet; decoder as SCHOLAR's with a learnt bias.
/// ETM: V -> hidden -> hidden ReLU; decoder theta softmax(word embeddings · topic embeddings).
/// Weights are drawn from (settings.seed); `background` are word frequencies (SCHOLAR); `embeddingSize` is CTM's.
std::shared_ptr<TopicNetwork> makeNetwork(const NeuralSettings& settings, const std::vector<std::uint64_t>& background, std::int64_t embeddingSize);

}  // namespace driftscope::topics
