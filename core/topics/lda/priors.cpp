#include "core/topics/lda/priors.h"

#include <algorithm>
#include <cmath>

namespace driftscope::topics {
namespace {

/// The largest index with a count, or 0.
std::size_t lastUsed(const std::vector<std::uint32_t>& histogram) {
    for (std::size_t n = histogram.size(); n-- > 1;)
        if (histogram[n] > 0) return n;
    return 0;
}

/// std::lgamma writes a global sign; this one may run in many threads.
double logGamma(double x) {
    int sign = 0;
    return ::lgamma_r(x, &sign);
}

/// Sum over n of histogram[n] (psi(base + n) - psi(base)): steps of 1/(base + i) over short gaps, digamma over long ones.
double digammaSum(const std::vector<std::uint32_t>& histogram, double base) {
    double sum = 0, difference = 0;
    std::size_t reached = 0;
    const double start = digamma(base);
    for (std::size_t n = 1; n < histogram.size(); ++n) {
        if (histogram[n] == 0) continue;
        if (n - reached > 20)
            difference = digamma(base + static_cast<double>(n)) - start;
        else
            for (std::size_t i = reached; i < n; ++i) difference += 1.0 / (base + static_cast<double>(i));
        reached = n;
        sum += histogram[n] * difference;
    }
    return sum;
}

std::vector<std::uint32_t> histogramOf(const std::vector<std::uint64_t>& totals) {
    std::vector<std::uint32_t> histogram;
    for (const std::uint64_t total : totals) {
        if (total >= histogram.size()) histogram.resize(total + 1, 0);
        ++histogram[total];
    }
    return histogram;
}

/// The fixed point of the concentration of a symmetric Dirichlet.
double learnConcentration(const std::vector<std::uint32_t>& counts, const std::vector<std::uint32_t>& lengths, double dimensions, double current) {
    for (int step = 0; step < 200; ++step) {
        const double parameter = current / dimensions;
        const double next = parameter * digammaSum(counts, parameter) / digammaSum(lengths, current);
        // Every pair of word and topic seen once at most: the data ask for an infinite concentration.
        if (!std::isfinite(next) || next > 1e6 * dimensions || next <= 0) return current;
        const bool done = std::abs(next - current) <= 1e-8 * current;
        current = next;
        if (done) break;
    }
    return current;
}

/// Sum over n of histogram[n] (lnGamma(base + n) - lnGamma(base)).
double logGammaSum(const std::vector<std::uint32_t>& histogram, double base) {
    double sum = 0;
    const double start = logGamma(base);
    for (std::size_t n = 1; n < histogram.size(); ++n)
        if (histogram[n] > 0) sum += histogram[n] * (logGamma(base + static_cast<double>(n)) - start);
    return sum;
}

}  // namespace

double digamma(double x) {
    double result = 0;
    for (; x < 9.5; ++x) result -= 1 / x;
    const double inverse = 1 / (x * x);
    return result + std::log(x) - 0.5 / x -
           inverse * (1.0 / 12 - inverse * (1.0 / 120 - inverse * (1.0 / 252 - inverse * (1.0 / 240 - inverse * (1.0 / 132 - inverse * 691.0 / 32760)))));
}

double mallet::digamma(double x) {
    constexpr double kNegativeEuler = -0.5772156649015328606065121;
    if (x < 1e-6) return kNegativeEuler - 1 / x;
    double result = 0;
    for (; x < 9.5; x += 1) result -= 1 / x;
    const double inverse = 1 / x;
    result += std::log(x) - .5 * inverse;
    return result;
}

void learnAlpha(LdaPriors& priors, const LdaHistograms& statistics) {
    double sum = 0;
    for (const double alpha : priors.alpha) sum += alpha;
    double denominator = 0, difference = 0;
    for (std::size_t n = 1; n < statistics.documentLengths.size(); ++n) {
        difference += 1 / (sum + static_cast<double>(n) - 1);
        denominator += statistics.documentLengths[n] * difference;
    }
    denominator -= 1;  // the inverse scale of the Gamma prior
    sum = 0;
    for (std::size_t k = 0; k < priors.alpha.size(); ++k) {
        const double old = priors.alpha[k];
        const auto& histogram = statistics.topicDocument[k];
        double numerator = 0;
        difference = 0;
        for (std::size_t n = 1, last = lastUsed(histogram); n <= last; ++n) {
            difference += 1 / (old + static_cast<double>(n) - 1);
            numerator += histogram[n] * difference;
        }
        priors.alpha[k] = old * (numerator + 1.001) / denominator;
        sum += priors.alpha[k];
    }
    if (sum < 0 || !std::isfinite(sum)) {
        std::fill(priors.alpha.begin(), priors.alpha.end(), 1.0);
        sum = static_cast<double>(priors.alpha.size());
    }
    priors.alphaSum = sum;
}

void learnSymmetricAlpha(LdaPriors& priors, const LdaHistograms& statistics) {
    std::vector<std::uint32_t> pooled;
    for (const auto& histogram : statistics.topicDocument) {
        pooled.resize(std::max(pooled.size(), histogram.size()), 0);
        for (std::size_t n = 0; n < histogram.size(); ++n) pooled[n] += histogram[n];
    }
    priors.alphaSum = learnConcentration(pooled, statistics.documentLengths, static_cast<double>(priors.alpha.size()), priors.alphaSum);
    std::fill(priors.alpha.begin(), priors.alpha.end(), priors.alphaSum / static_cast<double>(priors.alpha.size()));
}

void learnBeta(LdaPriors& priors, const LdaHistograms& statistics, std::size_t words) {
    priors.betaSum = learnConcentration(statistics.wordTopic, histogramOf(statistics.topicTokens), static_cast<double>(words), priors.betaSum);
    priors.beta = priors.betaSum / static_cast<double>(words);
}

double mallet::learnConcentration(const std::vector<std::uint32_t>& counts, const std::vector<std::uint32_t>& lengths, std::int64_t dimensions, double current) {
    const std::size_t largest = lastUsed(counts);
    std::vector<std::size_t> used;
    for (std::size_t n = 0; n < lengths.size(); ++n)
        if (lengths[n] > 0) used.push_back(n);
    for (int step = 1; step <= 200; ++step) {
        const double parameter = current / static_cast<double>(dimensions);
        double difference = 0, numerator = 0;
        for (std::size_t n = 1; n <= largest; ++n) {
            difference += 1.0 / (parameter + static_cast<double>(n) - 1);
            numerator += counts[n] * difference;
        }
        difference = 0;
        double denominator = 0;
        const double start = digamma(current);
        for (const std::size_t length : used) {
            // The reference never moves its "previous length" from 0; lengths beyond 20 start afresh, shorter ones add up.
            if (length > 20)
                difference = digamma(current + static_cast<double>(length)) - start;
            else
                for (std::size_t i = 0; i < length; ++i) difference += 1.0 / (current + static_cast<double>(i));
            denominator += difference * lengths[length];
        }
        current = parameter * numerator / denominator;
    }
    return current;
}

double logLikelihood(const LdaPriors& priors, const LdaHistograms& statistics, std::size_t words) {
    double sum = -logGammaSum(statistics.documentLengths, priors.alphaSum);
    for (std::size_t k = 0; k < priors.alpha.size(); ++k) sum += logGammaSum(statistics.topicDocument[k], priors.alpha[k]);
    const double betaSum = priors.beta * static_cast<double>(words);
    for (const std::uint64_t total : statistics.topicTokens) sum -= logGamma(betaSum + static_cast<double>(total)) - logGamma(betaSum);
    return sum + logGammaSum(statistics.wordTopic, priors.beta);
}

}  // namespace driftscope::topics
