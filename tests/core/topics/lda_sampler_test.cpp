#include <cmath>
#include <map>
#include <numeric>

#include "core/topics/lda/lda_sampler.h"
#include "core/topics/lda/priors.h"
#include "tests/core/io/scratch.h"
#include "tests/core/topics/topic_files.h"

namespace driftscope::topics {
namespace {

/// ln p(words, topics) straight from the definition.
double jointOf(const Corpus& corpus, const std::vector<std::uint32_t>& topics, std::size_t k, double alpha, double beta) {
    const std::size_t words = corpus.vocabulary.size();
    std::vector<double> wordCounts(k * words, 0), totals(k, 0);
    double sum = 0;
    for (std::size_t d = 0; d < corpus.documents(); ++d) {
        std::vector<double> counts(k, 0);
        for (std::size_t i = corpus.offsets[d]; i < corpus.offsets[d + 1]; ++i) {
            ++counts[topics[i]];
            ++wordCounts[topics[i] * words + corpus.words[i]];
            ++totals[topics[i]];
        }
        for (const double n : counts) sum += std::lgamma(alpha + n) - std::lgamma(alpha);
        sum += std::lgamma(alpha * static_cast<double>(k)) - std::lgamma(alpha * static_cast<double>(k) + static_cast<double>(corpus.document(d).size()));
    }
    for (const double n : wordCounts) sum += std::lgamma(beta + n) - std::lgamma(beta);
    for (const double n : totals) sum += std::lgamma(beta * static_cast<double>(words)) - std::lgamma(beta * static_cast<double>(words) + n);
    return sum;
}

std::uint64_t codeOf(const std::vector<std::uint32_t>& topics, std::size_t k) {
    std::uint64_t code = 0;
    for (const std::uint32_t topic : topics) code = code * k + topic;
    return code;
}

/// Every assignment of a tiny corpus must come up as often as its posterior says.
TEST(FastMode, DrawsFromThePosterior) {
    const Corpus corpus = corpusOf({"a a b", "b c", "c"});
    constexpr std::size_t kTopics = 3;
    const LdaSettings settings{.topics = kTopics, .alphaSum = 1.5, .beta = 0.4, .optimizeInterval = 0, .seed = 11, .partitions = 1};
    std::vector<double> expected(729);
    std::vector<std::uint32_t> topics(6);
    for (std::size_t code = 0; code < expected.size(); ++code) {
        for (std::size_t i = 0, rest = code; i < 6; ++i, rest /= kTopics) topics[5 - i] = static_cast<std::uint32_t>(rest % kTopics);
        expected[code] = std::exp(jointOf(corpus, topics, kTopics, 0.5, 0.4));
    }
    const double norm = std::accumulate(expected.begin(), expected.end(), 0.0);
    auto sampler = makeFastSampler(corpus, settings).value();
    constexpr int kSweeps = 400000;
    std::vector<double> seen(expected.size(), 0);
    for (int i = 0; i < kSweeps; ++i) {
        sampler->sweep();
        ++seen[codeOf(sampler->assignments(), kTopics)];
    }
    double chi = 0;
    for (std::size_t code = 0; code < expected.size(); ++code) {
        const double mean = kSweeps * expected[code] / norm;
        chi += (seen[code] - mean) * (seen[code] - mean) / mean;
    }
    // 728 degrees of freedom; neighbouring sweeps are correlated, which multiplies the statistic by about 2.
    EXPECT_LT(chi / 728, 3.0);
    EXPECT_GT(chi / 728, 0.5);
}

TEST(FastMode, KeepsItsCounts) {
    const Corpus corpus = readM10();
    auto sampler = makeFastSampler(corpus, {.topics = 37, .optimizeInterval = 2, .burnIn = 2, .seed = 9, .partitions = 3}).value();
    for (int i = 0; i < 7; ++i) sampler->sweep();
    const std::vector<std::uint32_t> topics = sampler->assignments();
    const LdaHistograms histograms = sampler->histograms();
    std::vector<std::uint64_t> totals(37, 0);
    std::vector<std::uint32_t> wordCounts(37 * corpus.vocabulary.size(), 0);
    for (std::size_t i = 0; i < topics.size(); ++i) {
        ASSERT_LT(topics[i], 37u);
        ++totals[topics[i]];
        ++wordCounts[topics[i] * corpus.vocabulary.size() + corpus.words[i]];
    }
    EXPECT_EQ(histograms.topicTokens, totals);
    std::vector<std::uint32_t> wordTopic(histograms.wordTopic.size(), 0);
    for (const std::uint32_t count : wordCounts)
        if (count) ++wordTopic.at(count);
    EXPECT_EQ(histograms.wordTopic, wordTopic);
    std::vector<std::vector<std::uint32_t>> topicDocument(37);
    for (std::size_t d = 0; d < corpus.documents(); ++d) {
        std::map<std::uint32_t, std::size_t> counts;
        for (std::size_t i = corpus.offsets[d]; i < corpus.offsets[d + 1]; ++i) ++counts[topics[i]];
        for (const auto& [topic, n] : counts) {
            if (n >= topicDocument[topic].size()) topicDocument[topic].resize(n + 1, 0);
            ++topicDocument[topic][n];
        }
    }
    EXPECT_EQ(histograms.topicDocument, topicDocument);
}

TEST(FastMode, ThreadsDoNotChangeTheTopics) {
    const Corpus corpus = readM10();
    std::vector<std::vector<std::uint32_t>> results;
    for (const std::int64_t threads : {1, 2, 3, 9}) {
        auto sampler = makeFastSampler(corpus, {.topics = 30, .optimizeInterval = 3, .burnIn = 3, .seed = 8, .partitions = 4, .threads = threads}).value();
        for (int i = 0; i < 10; ++i) sampler->sweep();
        results.push_back(sampler->assignments());
    }
    for (const auto& other : results) EXPECT_TRUE(other == results[0]);
    auto seed = makeFastSampler(corpus, {.topics = 30, .optimizeInterval = 3, .burnIn = 3, .seed = 9, .partitions = 4}).value();
    for (int i = 0; i < 10; ++i) seed->sweep();
    EXPECT_FALSE(seed->assignments() == results[0]);
}

TEST(FastMode, StoppingAndGoingOnChangesNothing) {
    const io::Scratch scratch;
    const Corpus corpus = readM10();
    const LdaSettings settings{.topics = 30, .optimizeInterval = 3, .burnIn = 1, .seed = 8, .partitions = 2};
    auto whole = makeFastSampler(corpus, settings).value();
    for (int i = 0; i < 9; ++i) whole->sweep();
    auto first = makeFastSampler(corpus, settings).value();
    for (int i = 0; i < 4; ++i) first->sweep();
    ASSERT_TRUE(first->save(scratch / "s"));
    auto second = makeFastSampler(corpus, settings).value();
    const auto loaded = second->load(scratch / "s");
    ASSERT_TRUE(loaded) << loaded.error().text();
    EXPECT_EQ(second->iteration(), 4);
    for (int i = 0; i < 5; ++i) second->sweep();
    EXPECT_TRUE(whole->assignments() == second->assignments());
    EXPECT_EQ(whole->priors().alpha, second->priors().alpha);
    auto other = makeFastSampler(corpus, {.topics = 31}).value();
    EXPECT_FALSE(other->load(scratch / "s"));
    auto mode = makeCompatibleSampler(corpus, {.topics = 30}).value();
    EXPECT_FALSE(mode->load(scratch / "s"));
}

/// Every number of partitions must find topics as likely as MALLET's sampler does.
TEST(FastMode, IsAsLikelyAsTheCompatibleMode) {
    const Corpus corpus = readM10();
    const LdaSettings settings{.topics = 20, .optimizeInterval = 10, .burnIn = 20, .seed = 2};
    auto reference = makeCompatibleSampler(corpus, settings).value();
    for (int i = 0; i < 150; ++i) reference->sweep();
    for (const std::int64_t partitions : {1, 4}) {
        LdaSettings fast = settings;
        fast.partitions = partitions;
        auto sampler = makeFastSampler(corpus, fast).value();
        const double start = sampler->logLikelihoodPerToken();
        for (int i = 0; i < 150; ++i) sampler->sweep();
        EXPECT_NEAR(sampler->logLikelihoodPerToken(), reference->logLikelihoodPerToken(), 0.04) << partitions;
        EXPECT_GT(sampler->logLikelihoodPerToken(), start + 0.5);
        EXPECT_NEAR(sampler->priors().alphaSum / reference->priors().alphaSum, 1, 0.25);
    }
}

TEST(FastMode, SmallestAndLargestCorpora) {
    auto one = makeFastSampler(corpusOf({"a"}), {.topics = 3, .optimizeInterval = 1, .burnIn = 0, .partitions = 8}).value();
    for (int i = 0; i < 5; ++i) one->sweep();
    EXPECT_TRUE(std::isfinite(one->logLikelihoodPerToken()));
    auto single = makeFastSampler(corpusOf({"a b", "b c d"}), {.topics = 1, .optimizeInterval = 1, .burnIn = 0}).value();
    for (int i = 0; i < 5; ++i) single->sweep();
    EXPECT_TRUE(std::isfinite(single->priors().alphaSum));
    EXPECT_FALSE(makeFastSampler(Corpus{}, {}));
    EXPECT_FALSE(makeFastSampler(corpusOf({"a b"}), {.topics = 70000}));
}

}  // namespace
}  // namespace driftscope::topics
