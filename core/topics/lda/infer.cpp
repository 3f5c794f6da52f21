#include "core/topics/lda/infer.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <thread>

#include "core/base/fingerprint.h"

namespace driftscope::topics {
namespace {

/// Draws of one document: counter-based, so that the order of documents does not matter.
class DocumentStream {
  public:
    DocumentStream(std::uint64_t seed, std::size_t document) : seed_(seed), stream_(0x100000000ULL + document) {}
    double unit() { return randomUnit(seed_, stream_, index_++); }

  private:
    std::uint64_t seed_, stream_, index_ = 0;
};

/// The topics of one document while they are sampled.
class Sampler {
  public:
    Sampler(const FixedTopics& topics, DocumentStream draws) : topics_(topics), draws_(draws), counts_(topics.topics(), 0), cumulative_(topics.topics()) {}

    /// Sum over k of (alpha_k + n_k) beta_kw.
    double mass(std::uint32_t word) {
        const auto weights = topics_.ofWord(word);
        double sum = 0;
        for (std::size_t k = 0; k < weights.size(); ++k) cumulative_[k] = sum += (topics_.alpha()[k] + counts_[k]) * static_cast<double>(weights[k]);
        return sum;
    }
    std::uint32_t draw(std::uint32_t word) {
        const double target = draws_.unit() * mass(word);
        const auto at = std::upper_bound(cumulative_.begin(), cumulative_.end(), target) - cumulative_.begin();
        return static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(at, static_cast<std::ptrdiff_t>(counts_.size()) - 1));
    }
    void add(std::uint32_t topic) { ++counts_[topic]; }
    void remove(std::uint32_t topic) { --counts_[topic]; }
    const std::vector<std::uint32_t>& counts() const { return counts_; }
    void clear() { std::fill(counts_.begin(), counts_.end(), 0); }

  private:
    const FixedTopics& topics_;
    DocumentStream draws_;
    std::vector<std::uint32_t> counts_;
    std::vector<double> cumulative_;
};

/// Theta of one sequence of words.
std::vector<double> foldIn(const FixedTopics& topics, const std::vector<std::uint32_t>& words, std::size_t document, const InferSettings& settings) {
    Sampler sampler(topics, DocumentStream(settings.seed, document));
    std::vector<std::uint32_t> assigned;
    for (const std::uint32_t word : words) {
        assigned.push_back(sampler.draw(word));
        sampler.add(assigned.back());
    }
    std::vector<double> theta(topics.topics(), 0);
    const auto sample = [&] {
        for (std::size_t k = 0; k < theta.size(); ++k) theta[k] += topics.alpha()[k] + sampler.counts()[k];
    };
    for (std::int64_t iteration = 1; iteration <= settings.iterations; ++iteration) {
        for (std::size_t i = 0; i < words.size(); ++i) {
            sampler.remove(assigned[i]);
            assigned[i] = sampler.draw(words[i]);
            sampler.add(assigned[i]);
        }
        if (iteration > settings.burnIn && (iteration - settings.burnIn) % std::max<std::int64_t>(1, settings.thinning) == 0) sample();
    }
    double sum = std::accumulate(theta.begin(), theta.end(), 0.0);
    if (sum == 0) {
        sample();
        sum = std::accumulate(theta.begin(), theta.end(), 0.0);
    }
    for (double& share : theta) share /= sum;
    return theta;
}

/// Calls `body` for every document, on as many threads as asked.
template <class Body>
void forDocuments(std::size_t documents, std::int64_t threads, const std::stop_token& stop, const Body& body) {
    std::atomic<std::size_t> next{0};
    const auto loop = [&] {
        for (std::size_t d = next++; d < documents && !stop.stop_requested(); d = next++) body(d);
    };
    std::vector<std::jthread> helpers;
    for (std::int64_t i = 1; i < threads; ++i) helpers.emplace_back(loop);
    loop();
}

HeldOut total(const std::vector<double>& perDocument, std::uint64_t tokens) {
    return {std::accumulate(perDocument.begin(), perDocument.end(), 0.0), tokens};
}

double leftToRightOf(const FixedTopics& topics, std::span<const std::uint32_t> words, std::size_t document, std::int64_t particles, std::uint64_t seed) {
    std::vector<double> probabilities(words.size(), 0);
    Sampler sampler(topics, DocumentStream(seed, document));
    std::vector<std::uint32_t> assigned(words.size());
    for (std::int64_t particle = 0; particle < particles; ++particle) {
        sampler.clear();
        for (std::size_t n = 0; n < words.size(); ++n) {
            for (std::size_t before = 0; before < n; ++before) {
                sampler.remove(assigned[before]);
                assigned[before] = sampler.draw(words[before]);
                sampler.add(assigned[before]);
            }
            probabilities[n] += sampler.mass(words[n]) / (topics.alphaSum() + static_cast<double>(n));
            assigned[n] = sampler.draw(words[n]);
            sampler.add(assigned[n]);
        }
    }
    double sum = 0;
    for (const double p : probabilities) sum += std::log(std::max(p / static_cast<double>(particles), 1e-30));
    return sum;
}

}  // namespace

double HeldOut::perplexity() const {
    return tokens ? std::exp(-logLikelihood / static_cast<double>(tokens)) : 0;
}

FixedTopics::FixedTopics(const Matrix& beta, std::vector<double> alpha) : byWord_(beta.values.size()), alpha_(std::move(alpha)), alphaSum_(std::accumulate(alpha_.begin(), alpha_.end(), 0.0)) {
    for (std::size_t k = 0; k < beta.rows; ++k)
        for (std::size_t w = 0; w < beta.columns; ++w) byWord_[w * beta.rows + k] = beta(k, w);
}

Matrix inferTopics(const FixedTopics& topics, const Corpus& corpus, const InferSettings& settings, std::stop_token stop) {
    Matrix theta(corpus.documents(), topics.topics());
    forDocuments(corpus.documents(), settings.threads, stop, [&](std::size_t d) {
        const auto document = corpus.document(d);
        const std::vector<double> shares = foldIn(topics, {document.begin(), document.end()}, d, settings);
        std::copy(shares.begin(), shares.end(), theta.row(d).begin());
    });
    return theta;
}

HeldOut documentCompletion(const FixedTopics& topics, const Corpus& corpus, const InferSettings& settings, std::stop_token stop) {
    std::vector<double> logs(corpus.documents(), 0);
    std::uint64_t scored = 0;
    for (std::size_t d = 0; d < corpus.documents(); ++d) scored += corpus.document(d).size() / 2;
    forDocuments(corpus.documents(), settings.threads, stop, [&](std::size_t d) {
        std::vector<std::uint32_t> known, hidden;
        for (std::size_t i = 0; i < corpus.document(d).size(); ++i) (i % 2 ? hidden : known).push_back(corpus.document(d)[i]);
        const std::vector<double> theta = foldIn(topics, known, d, settings);
        for (const std::uint32_t word : hidden) {
            double p = 0;
            for (std::size_t k = 0; k < theta.size(); ++k) p += theta[k] * static_cast<double>(topics.ofWord(word)[k]);
            // A model may give a word no probability at all (beta without smoothing): the loss stays finite and large.
            logs[d] += std::log(std::max(p, 1e-30));
        }
    });
    return total(logs, scored);
}

HeldOut leftToRight(const FixedTopics& topics, const Corpus& corpus, std::int64_t particles, const InferSettings& settings, std::stop_token stop) {
    std::vector<double> logs(corpus.documents(), 0);
    forDocuments(corpus.documents(), settings.threads, stop,
                 [&](std::size_t d) { logs[d] = leftToRightOf(topics, corpus.document(d), d, particles, settings.seed); });
    return total(logs, corpus.tokens());
}

}  // namespace driftscope::topics
