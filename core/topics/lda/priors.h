#pragma once

#include "core/topics/lda/lda_settings.h"

namespace driftscope::topics {

/// Minka's fixed point for an asymmetric Dirichlet from histograms of counts, with a Gamma(shape 1.001, scale 1) prior
/// (Wallach 2008, section 2.5): one step, as MALLET takes it. A sum below zero, which very small corpora can give, resets
/// every alpha to 1. Updates `priors.alpha` and its sum.
void learnAlpha(LdaPriors& priors, const LdaHistograms& statistics);

/// The same for the sum of a symmetric alpha.
void learnSymmetricAlpha(LdaPriors& priors, const LdaHistograms& statistics);

/// The symmetric prior over words from the histogram of word-topic counts, to convergence.
void learnBeta(LdaPriors& priors, const LdaHistograms& statistics, std::size_t words);

/// ln p(words, topics | priors): Dirichlet-multinomials of the documents over topics and of the topics over words.
double logLikelihood(const LdaPriors& priors, const LdaHistograms& statistics, std::size_t words);

/// psi(x) for x > 0, to 1e-12.
double digamma(double x);

namespace mallet {

/// MALLET 2.1.1's digamma: its series coefficients are integer divisions and vanish, so it is off by up to 1e-3. The
/// compatible mode needs the same numbers.
double digamma(double x);

/// 200 fixed-point steps on the concentration of a symmetric Dirichlet. `counts[n]` is how many cells hold n,
/// `lengths[n]` how many observations have n tokens, `dimensions` how many cells an observation has.
double learnConcentration(const std::vector<std::uint32_t>& counts, const std::vector<std::uint32_t>& lengths, std::int64_t dimensions, double current);

}  // namespace mallet
}  // namespace driftscope::topics
