#pragma once

#include <cstdint>
#include <vector>

namespace driftscope::topics {

/// What a person chooses for latent Dirichlet allocation. Defaults as MALLET's command line, except that priors are learnt.
struct LdaSettings {
    std::int64_t topics = 50;
    std::int64_t iterations = 1000;
    double alphaSum = 5;                 ///< sum of the K parameters of the prior over topics
    double beta = 0.01;                  ///< each of the V parameters of the prior over words
    std::int64_t optimizeInterval = 10;  ///< iterations between updates of the priors; 0 keeps them
    std::int64_t burnIn = 200;           ///< iterations before the first update
    bool symmetricAlpha = false;         ///< learn only the sum of alpha
    std::uint64_t seed = 42;
    std::int64_t partitions = 4;         ///< P x P cells of documents x words that are sampled independently; 1 is exact Gibbs
    std::int64_t threads = 1;            ///< does not change the result
};

/// The Dirichlet priors as they stand.
struct LdaPriors {
    std::vector<double> alpha;  ///< K
    double alphaSum = 0;
    double beta = 0;
    double betaSum = 0;         ///< V x beta

    static LdaPriors symmetric(std::int64_t topics, double alphaSum, double beta, std::size_t words) {
        return {std::vector<double>(static_cast<std::size_t>(topics), alphaSum / static_cast<double>(topics)), alphaSum, beta, beta * static_cast<double>(words)};
    }
};

/// Sufficient statistics of an assignment of topics to tokens, for learning the priors and for the likelihood.
struct LdaHistograms {
    std::vector<std::vector<std::uint32_t>> topicDocument;  ///< [k][n]: documents with n > 0 tokens of topic k
    std::vector<std::uint32_t> documentLengths;             ///< [n]: documents of n tokens
    std::vector<std::uint32_t> wordTopic;                   ///< [n]: pairs of word and topic that share n > 0 tokens
    std::vector<std::uint64_t> topicTokens;                 ///< [k]: tokens of topic k
};

}  // namespace driftscope::topics
