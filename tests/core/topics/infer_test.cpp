#include "core/topics/lda/infer.h"

#include <cmath>

#include "tests/core/io/scratch.h"
#include "tests/core/topics/topic_files.h"

namespace driftscope::topics {
namespace {

Matrix twoTopics() {
    Matrix beta(2, 3);
    beta.values = {0.7f, 0.2f, 0.1f, 0.1f, 0.3f, 0.6f};
    return beta;
}

/// p(document) by summing over every assignment.
double exactProbability(const Matrix& beta, const std::vector<double>& alpha, std::span<const std::uint32_t> words) {
    double sum = 0;
    const double alphaSum = alpha[0] + alpha[1];
    for (std::size_t code = 0; code < (1u << words.size()); ++code) {
        std::vector<double> counts(2, 0);
        double p = 1;
        for (std::size_t i = 0; i < words.size(); ++i) {
            const std::size_t k = code >> i & 1;
            p *= (alpha[k] + counts[k]) / (alphaSum + static_cast<double>(i)) * beta(k, words[i]);
            ++counts[k];
        }
        sum += p;
    }
    return sum;
}

TEST(Infer, LeftToRightApproachesTheSumOverAssignments) {
    const Corpus corpus = corpusOf({"a b c a", "a c"});
    const FixedTopics topics(twoTopics(), {0.4, 1.1});
    const auto estimate = [&](const Corpus& part) { return leftToRight(topics, part, 20000, {.seed = 3}); };
    const std::vector<std::uint32_t> longer{0}, pair{1};
    // Exact for two words; beyond, one Gibbs pass per step leaves earlier topics a little behind (Wallach 2009).
    EXPECT_NEAR(estimate(selectDocuments(corpus, pair)).logLikelihood, std::log(exactProbability(twoTopics(), {0.4, 1.1}, corpus.document(1))), 0.004);
    EXPECT_NEAR(estimate(selectDocuments(corpus, longer)).logLikelihood, std::log(exactProbability(twoTopics(), {0.4, 1.1}, corpus.document(0))), 0.03);
    EXPECT_EQ(estimate(corpus).tokens, 6u);
}

TEST(Infer, ThetaIsThePosteriorMean) {
    // One word: E[theta] = sum over z of p(z | w) (alpha + e_z) / (1 + alphaSum).
    const Corpus corpus = corpusOf({"a", "b", "c"});
    const FixedTopics topics(twoTopics(), {0.4, 1.1});
    const Matrix theta = inferTopics(topics, corpus, {.iterations = 60000, .burnIn = 0, .thinning = 1, .seed = 3});
    for (std::size_t w = 0; w < 3; ++w) {
        const double first = 0.4 * twoTopics()(0, w), second = 1.1 * twoTopics()(1, w);
        EXPECT_NEAR(theta(w, 0), (0.4 + first / (first + second)) / 2.5, 0.01) << w;
        EXPECT_NEAR(theta(w, 0) + theta(w, 1), 1, 1e-6);
    }
}

TEST(Infer, PerplexityOfUniformTopicsIsTheVocabulary) {
    const Corpus corpus = corpusOf({"a b c d", "d c b a", "a a"});
    Matrix beta(3, 4);
    std::fill(beta.values.begin(), beta.values.end(), 0.25f);
    const HeldOut heldOut = documentCompletion(FixedTopics(beta, {1, 1, 1}), corpus, {});
    EXPECT_EQ(heldOut.tokens, 5u);
    EXPECT_NEAR(heldOut.perplexity(), 4, 1e-5);
}

TEST(Infer, ThreadsDoNotChangeTheta) {
    const Corpus corpus = corpusOf({"a b c", "c c", "b", "a a a b"});
    const FixedTopics topics(twoTopics(), {0.4, 1.1});
    EXPECT_EQ(inferTopics(topics, corpus, {.threads = 1}).values, inferTopics(topics, corpus, {.threads = 3}).values);
}

TEST(Infer, DocumentsWithoutWordsGetThePriorsMean) {
    Corpus corpus = corpusOf({"a b c"});
    corpus.offsets.push_back(corpus.offsets.back());
    corpus.ids.push_back("empty");
    const Matrix theta = inferTopics(FixedTopics(twoTopics(), {1, 3}), corpus, {});
    EXPECT_NEAR(theta(1, 0), 0.25, 1e-6);
}

}  // namespace
}  // namespace driftscope::topics
