#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/table/embedding_table.h"

namespace driftscope::topics {

/// p(k): the share of all tokens in each topic, sum_d theta_dk N_d / N. `lengths` are tokens per document; documents count
/// alike when it is empty. Sums to 1 for any theta whose rows do.
std::vector<double> topicShares(const Matrix& theta, std::span<const std::uint64_t> lengths);

/// p(w) = sum_k p(k) beta_kw: how often the model expects each word. Length V.
std::vector<double> wordShares(const Matrix& beta, std::span<const double> topicShares);

/// lambda ln phi + (1 - lambda) ln(phi / p) (Sievert and Shirley 2014, equation 1): at lambda 1 words rank by their
/// probability within the topic, at 0 by their lift. phi and p must be above 0.
double relevance(double phi, double p, double lambda);

struct RankedWord {
    std::uint32_t word = 0;
    double relevance = 0;
};
/// The first `count` words of a topic by relevance, ties by word id. Words with phi or p of 0 come in none.
std::vector<RankedWord> relevantWords(std::span<const float> phi, std::span<const double> p, double lambda, std::size_t count);

/// p(w) sum_k P(k | w) ln(P(k | w) / p(k)) in nats: how much a word tells about its topic, times how often it occurs (Chuang,
/// Manning and Heer 2012). P(k | w) = p(k) beta_kw / p(w); pyLDAvis takes topics as equally likely here, which differs.
/// Length V, never negative.
std::vector<double> saliency(const Matrix& beta, std::span<const double> topicShares);

/// exp of the entropy of the topic's distribution over words: over how many words it spreads. 1 … V.
double effectiveWords(std::span<const float> phi);

}  // namespace driftscope::topics
