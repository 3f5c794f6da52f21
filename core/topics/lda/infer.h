#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "core/table/embedding_table.h"
#include "core/topics/data/corpus.h"

namespace driftscope::topics {

/// How topics of documents are found when the topics' words stay as they are.
struct InferSettings {
    std::int64_t iterations = 100;
    std::int64_t burnIn = 10;     ///< iterations before the first sample
    std::int64_t thinning = 10;   ///< iterations between samples, which are averaged
    std::uint64_t seed = 42;
    std::int64_t threads = 1;     ///< does not change the result: each document has its own random stream
};

/// The topics' words, laid out by word, and the prior over topics.
class FixedTopics {
  public:
    /// beta: K x V, rows sum to 1. alpha: K values above 0.
    FixedTopics(const Matrix& beta, std::vector<double> alpha);
    std::size_t topics() const { return alpha_.size(); }
    std::span<const float> ofWord(std::uint32_t word) const { return {byWord_.data() + word * topics(), topics()}; }
    const std::vector<double>& alpha() const { return alpha_; }
    double alphaSum() const { return alphaSum_; }

  private:
    std::vector<float> byWord_;
    std::vector<double> alpha_;
    double alphaSum_ = 0;
};

/// theta [documents x K] by Gibbs sampling, p(z = k) ~ (alpha_k + n_dk) beta_kw, averaged over samples. Documents without
/// words get the prior's mean. The vocabulary must be that of the topics.
Matrix inferTopics(const FixedTopics& topics, const Corpus& corpus, const InferSettings& settings, std::stop_token stop = {});

/// Held-out likelihood of documents.
struct HeldOut {
    double logLikelihood = 0;  ///< nats, of all tokens that were scored
    std::uint64_t tokens = 0;
    double perplexity() const;  ///< exp(-logLikelihood / tokens)
};

/// Document completion: topics from the words at even positions, likelihood of those at odd ones under theta beta
/// (Rosen-Zvi 2004, Wallach 2009 section 5).
HeldOut documentCompletion(const FixedTopics& topics, const Corpus& corpus, const InferSettings& settings, std::stop_token stop = {});

/// Left-to-right estimator (Wallach, Murray, Salakhutdinov and Mimno 2009, algorithm 3) of p(document): one
/// Gibbs pass over the earlier words before each word. Quadratic in the length of a document.
HeldOut leftToRight(const FixedTopics& topics, const Corpus& corpus, std::int64_t particles, const InferSettings& settings, std::stop_token stop = {});

}  // namespace driftscope::topics
