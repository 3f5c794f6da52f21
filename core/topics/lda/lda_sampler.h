#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/table/embedding_table.h"
#include "core/topics/data/corpus.h"
#include "core/topics/lda/lda_settings.h"

namespace driftscope::topics {

/// A collapsed Gibbs sampler of latent Dirichlet allocation: topics of tokens, and the priors that are learnt on the way.
class LdaSampler {
  public:
    virtual ~LdaSampler() = default;

    /// One iteration: every token is drawn once, then the priors are updated when the settings say so.
    virtual void sweep() = 0;
    std::int64_t iteration() const { return iteration_; }  ///< sweeps done
    const LdaPriors& priors() const { return priors_; }

    virtual LdaHistograms histograms() const = 0;
    /// The topic of every token, in the order of the corpus.
    virtual std::vector<std::uint32_t> assignments() const = 0;
    double logLikelihoodPerToken() const;  ///< nats

    /// Everything the next sweep depends on, so that stopping and going on equals not stopping.
    virtual Result<void> save(const std::filesystem::path& folder) const = 0;
    /// Errors: files of another corpus or number of topics, damaged files.
    virtual Result<void> load(const std::filesystem::path& folder) = 0;

  protected:
    LdaSampler(const Corpus& corpus, const LdaSettings& settings);
    bool priorsAreDue() const;
    /// iteration, priors, counts to check on loading, and `extra`.
    Result<void> saveState(const std::filesystem::path& folder, const std::vector<std::pair<std::string, std::string>>& extra) const;
    Result<std::vector<std::string>> loadState(const std::filesystem::path& folder, const std::vector<std::string>& names);

    LdaSettings settings_;
    LdaPriors priors_;
    std::size_t words_ = 0;
    std::size_t tokens_ = 0;
    std::size_t documents_ = 0;
    std::int64_t iteration_ = 0;
};

/// The fast sampler (see WordMajorSampler). Errors: empty corpus, more than 65,535 topics, a document of more tokens than
/// a count can hold.
Result<std::unique_ptr<LdaSampler>> makeFastSampler(const Corpus& corpus, const LdaSettings& settings);

/// MALLET 2.1.1's sampler with one thread, draw for draw: the same topics for the same corpus order, settings and seed.
/// Errors: empty corpus, a seed outside 32 bits, several threads.
Result<std::unique_ptr<LdaSampler>> makeCompatibleSampler(const Corpus& corpus, const LdaSettings& settings);

/// theta [documents x K]: (alpha_k + n_dk) / (alphaSum + N_d).
Matrix documentTopics(const Corpus& corpus, const std::vector<std::uint32_t>& assignments, const LdaPriors& priors);
/// beta [K x V]: (beta + n_kw) / (V beta + n_k).
Matrix topicWords(const Corpus& corpus, const std::vector<std::uint32_t>& assignments, const LdaPriors& priors);

}  // namespace driftscope::topics
