#include <zlib.h>

#include <cmath>
#include <sstream>

#include "core/topics/lda/java_random.h"
#include "core/topics/lda/lda_sampler.h"
#include "core/topics/lda/priors.h"
#include "tests/core/io/scratch.h"
#include "tests/core/topics/topic_files.h"

namespace driftscope::topics {
namespace {

std::string unzipped(const std::filesystem::path& path) {
    gzFile file = gzopen(path.c_str(), "rb");
    std::string text;
    char buffer[65536];
    for (int got = 0; file && (got = gzread(file, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(got));
    if (file) gzclose(file);
    return text;
}

/// What MALLET 2.1.1 gave: the learnt priors, and the topic of every token.
struct Reference {
    nlohmann::json head;
    std::vector<std::uint32_t> topics;
};

Reference readReference(const std::string& name) {
    std::istringstream text(unzipped(kTestTopics / "mallet" / name));
    Reference reference;
    std::string line;
    std::getline(text, line);
    reference.head = nlohmann::json::parse(line);
    while (std::getline(text, line)) {
        std::istringstream fields(line.substr(line.find('\t') + 1));
        for (std::uint32_t topic = 0; fields >> topic;) reference.topics.push_back(topic);
    }
    return reference;
}

TEST(JavaRandom, GivesJavasNumbers) {
    JavaRandom random(42);
    for (const int expected : {30, 13, 48, 34, 20, 25}) EXPECT_EQ(random.nextInt(50), expected);
    for (const int expected : {17, 45, 42, 5}) EXPECT_EQ(random.nextInt(64), expected);
    for (const int expected : {969067502, 791955276, 819572292}) EXPECT_EQ(random.nextInt(1 << 30 | 3), expected);
    JavaRandom negative(-7);
    EXPECT_EQ(negative.nextUniform(), 0.26912180932607610);
    EXPECT_EQ(negative.nextUniform(), 0.67318119027980380);
}

TEST(CompatibleMode, MatchesMalletDrawForDrawWithFixedPriors) {
    const Reference reference = readReference("m10_k25_it30_noopt_seed7.gz");
    auto sampler = makeCompatibleSampler(readM10(), {.topics = 25, .iterations = 30, .optimizeInterval = 0, .seed = 7});
    ASSERT_TRUE(sampler) << sampler.error().text();
    for (int i = 0; i < 30; ++i) (*sampler)->sweep();
    ASSERT_EQ(reference.topics.size(), 49385u);
    EXPECT_TRUE((*sampler)->assignments() == reference.topics);
}

TEST(CompatibleMode, MatchesMalletDrawForDrawWhileLearningPriors) {
    const Reference reference = readReference("m10_k50_it20_opt5_burn5_seed42.gz");
    auto sampler = makeCompatibleSampler(readM10(), {.topics = 50, .iterations = 20, .optimizeInterval = 5, .burnIn = 5, .seed = 42});
    ASSERT_TRUE(sampler) << sampler.error().text();
    for (int i = 0; i < 20; ++i) (*sampler)->sweep();
    EXPECT_TRUE((*sampler)->assignments() == reference.topics);
    const LdaPriors& priors = (*sampler)->priors();
    for (std::size_t k = 0; k < 50; ++k) EXPECT_NEAR(priors.alpha[k], reference.head["alpha"][k].get<double>(), 1e-13) << k;
    EXPECT_NEAR(priors.beta, reference.head["beta"].get<double>(), 1e-14);
    // MALLET's likelihood uses Stirling's series for lnGamma.
    EXPECT_NEAR((*sampler)->logLikelihoodPerToken(), reference.head["log_likelihood"].get<double>() / 49385, 2e-4);
}

TEST(CompatibleMode, StoppingAndGoingOnChangesNothing) {
    const io::Scratch scratch;
    const Corpus corpus = readM10();
    const LdaSettings settings{.topics = 20, .optimizeInterval = 4, .burnIn = 2, .seed = 5};
    auto whole = makeCompatibleSampler(corpus, settings).value();
    for (int i = 0; i < 11; ++i) whole->sweep();
    auto first = makeCompatibleSampler(corpus, settings).value();
    for (int i = 0; i < 6; ++i) first->sweep();  // in the middle of collecting statistics
    ASSERT_TRUE(first->save(scratch / "s"));
    auto second = makeCompatibleSampler(corpus, settings).value();
    const auto loaded = second->load(scratch / "s");
    ASSERT_TRUE(loaded) << loaded.error().text();
    for (int i = 0; i < 5; ++i) second->sweep();
    EXPECT_TRUE(whole->assignments() == second->assignments());
    EXPECT_EQ(whole->priors().alpha, second->priors().alpha);
    EXPECT_EQ(whole->priors().beta, second->priors().beta);
}

TEST(CompatibleMode, RefusesWhatMalletCannotDo) {
    const Corpus corpus = corpusOf({"a b", "b c"});
    EXPECT_FALSE(makeCompatibleSampler(corpus, {.topics = 2, .threads = 2}));
    EXPECT_FALSE(makeCompatibleSampler(corpus, {.topics = 2, .seed = 1ULL << 31}));
}

TEST(Priors, DigammaIsExact) {
    EXPECT_NEAR(digamma(1), -0.57721566490153286, 1e-12);
    EXPECT_NEAR(digamma(0.5), -1.9635100260214235, 1e-12);
    EXPECT_NEAR(digamma(20.25), std::log(20.25) - 1 / 40.5 - 1 / (12 * 20.25 * 20.25) + 1 / (120 * std::pow(20.25, 4)), 1e-10);
}

TEST(Priors, LikelihoodEqualsTheFormula) {
    // Two documents, two topics, three words; counts by hand.
    LdaHistograms statistics;
    statistics.topicDocument = {{0, 1, 1}, {0, 2}};     // topic 0: 2 and 1 tokens; topic 1: 1 and 1
    statistics.documentLengths = {0, 0, 1, 1};          // 3 and 2 tokens
    statistics.wordTopic = {0, 3, 1};                   // pairs (word, topic): three with one token, one with two
    statistics.topicTokens = {3, 2};
    const LdaPriors priors{{0.3, 0.7}, 1.0, 0.2, 0.6};
    const auto g = [](double x) { return std::lgamma(x); };
    double expected = 2 * g(1.0) - g(4.0) - g(3.0);
    expected += g(2.3) - g(0.3) + g(1.3) - g(0.3) + 2 * (g(1.7) - g(0.7));
    expected += 2 * g(0.6) - g(3.6) - g(2.6);
    expected += 3 * (g(1.2) - g(0.2)) + g(2.2) - g(0.2);
    EXPECT_NEAR(logLikelihood(priors, statistics, 3), expected, 1e-10);
}

/// The fixed points must not lower the likelihood of their counts, and must end where the slope is flat.
TEST(Priors, LearningEndsAtTheMaximum) {
    auto sampler = makeFastSampler(readM10(), {.topics = 20, .optimizeInterval = 0, .seed = 3}).value();
    for (int i = 0; i < 20; ++i) sampler->sweep();
    const LdaHistograms statistics = sampler->histograms();
    LdaPriors priors = sampler->priors();
    learnBeta(priors, statistics, 1696);
    for (int i = 0; i < 3000; ++i) learnAlpha(priors, statistics);
    const double best = logLikelihood(priors, statistics, 1696);
    for (const double factor : {0.98, 1.02}) {
        LdaPriors other = priors;
        other.beta *= factor;
        EXPECT_LT(logLikelihood(other, statistics, 1696), best);
        other = priors;
        other.alphaSum += (factor - 1) * other.alpha[4];
        other.alpha[4] *= factor;
        EXPECT_LT(logLikelihood(other, statistics, 1696), best + 1e-3);
    }
    LdaPriors symmetric = sampler->priors();
    learnSymmetricAlpha(symmetric, statistics);
    const double level = logLikelihood(symmetric, statistics, 1696);
    for (const double factor : {0.98, 1.02}) {
        LdaPriors other = LdaPriors::symmetric(20, symmetric.alphaSum * factor, symmetric.beta, 1696);
        EXPECT_LT(logLikelihood(other, statistics, 1696), level);
    }
}

TEST(Priors, UnstableSumIsResetAsMalletDoes) {
    LdaPriors priors{{0.5, 0.5}, 1.0, 0.01, 0.02};
    learnAlpha(priors, {{{0, 1}, {0}}, {0, 1}, {}, {}});  // one document of one token
    EXPECT_TRUE(std::isfinite(priors.alphaSum));
    EXPECT_GT(priors.alphaSum, 0);
}

}  // namespace
}  // namespace driftscope::topics
