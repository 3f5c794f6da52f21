#include "core/topics/view/topic_words.h"

#include <algorithm>
#include <cmath>

namespace driftscope::topics {

std::vector<double> topicShares(const Matrix& theta, std::span<const std::uint64_t> lengths) {
    std::vector<double> shares(theta.columns, 0.0);
    double total = 0;
    for (std::size_t d = 0; d < theta.rows; ++d) {
        const double weight = lengths.empty() ? 1.0 : static_cast<double>(lengths[d]);
        total += weight;
        for (std::size_t k = 0; k < theta.columns; ++k) shares[k] += weight * theta(d, k);
    }
    const double uniform = 1.0 / static_cast<double>(std::max<std::size_t>(theta.columns, 1));
    for (double& share : shares) share = total > 0 ? share / total : uniform;
    return shares;
}

std::vector<double> wordShares(const Matrix& beta, std::span<const double> topicShares) {
    std::vector<double> p(beta.columns, 0.0);
    for (std::size_t k = 0; k < beta.rows; ++k)
        for (std::size_t w = 0; w < beta.columns; ++w) p[w] += topicShares[k] * beta(k, w);
    return p;
}

double relevance(double phi, double p, double lambda) {
    return lambda * std::log(phi) + (1 - lambda) * std::log(phi / p);
}

std::vector<RankedWord> relevantWords(std::span<const float> phi, std::span<const double> p, double lambda, std::size_t count) {
    std::vector<RankedWord> words;
    for (std::size_t w = 0; w < phi.size(); ++w)
        if (phi[w] > 0 && p[w] > 0) words.push_back({static_cast<std::uint32_t>(w), relevance(phi[w], p[w], lambda)});
    count = std::min(count, words.size());
    std::partial_sort(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count), words.end(),
                      [](const RankedWord& a, const RankedWord& b) { return a.relevance != b.relevance ? a.relevance > b.relevance : a.word < b.word; });
    words.resize(count);
    return words;
}

std::vector<double> saliency(const Matrix& beta, std::span<const double> topicShares) {
    const std::vector<double> p = wordShares(beta, topicShares);
    std::vector<double> out(beta.columns, 0.0);
    for (std::size_t k = 0; k < beta.rows; ++k)
        for (std::size_t w = 0; w < beta.columns; ++w) {
            // p(w) P(k|w) = p(k) beta_kw, and P(k|w) / p(k) = beta_kw / p(w).
            const double joint = topicShares[k] * beta(k, w);
            if (joint > 0) out[w] += joint * std::log(beta(k, w) / p[w]);
        }
    for (double& value : out) value = std::max(value, 0.0);
    return out;
}

double effectiveWords(std::span<const float> phi) {
    double entropy = 0;
    for (const float value : phi)
        if (value > 0) entropy -= value * std::log(static_cast<double>(value));
    return std::exp(entropy);
}

}  // namespace driftscope::topics
