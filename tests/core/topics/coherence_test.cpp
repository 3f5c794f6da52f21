#include "core/topics/measure/coherence.h"

#include <gmock/gmock.h>

#include <cmath>
#include <deque>
#include <set>

#include "core/base/atomic_file.h"
#include "core/base/fingerprint.h"
#include "core/topics/measure/diversity.h"
#include "tests/core/io/scratch.h"
#include "tests/core/topics/topic_files.h"

namespace driftscope::topics {
namespace {

using testing::HasSubstr;
using nlohmann::json;

/// Documents of random words from a small vocabulary, so that words repeat within windows.
Corpus repetitiveCorpus() {
    RawCorpus raw;
    raw.prepared = true;
    for (std::size_t d = 0; d < 40; ++d) {
        std::string text;
        const std::size_t length = 1 + randomBits(5, 0, d) % 30;
        for (std::size_t i = 0; i < length; ++i) text += std::string(1, static_cast<char>('a' + randomBits(5, d + 1, i) % 7)) + " ";
        raw.documents.push_back({std::to_string(d), text, 0, std::nullopt, {}});
    }
    return preprocess(std::move(raw), PreprocessRules::forPreparedText()).value().corpus;
}

/// The marks of gensim's sliding window, step by step.
std::vector<std::set<std::uint32_t>> windowsOf(const Corpus& corpus, std::size_t width, WindowCounting counting) {
    std::vector<std::set<std::uint32_t>> windows;
    for (std::size_t d = 0; d < corpus.documents(); ++d) {
        const auto document = corpus.document(d);
        std::set<std::uint32_t> marks;
        for (std::size_t begin = 0; begin == 0 || begin + width <= document.size(); ++begin) {
            const std::size_t end = std::min(document.size(), begin + width);
            if (begin == 0 || counting == WindowCounting::Exact)
                marks = {document.begin() + static_cast<std::ptrdiff_t>(begin), document.begin() + static_cast<std::ptrdiff_t>(end)};
            else {
                marks.erase(document[begin - 1]);
                marks.insert(document[end - 1]);
            }
            windows.push_back(marks);
        }
    }
    return windows;
}

TEST(WindowRuns, CountAsAWalkOverAllWindowsDoes) {
    const Corpus corpus = repetitiveCorpus();
    std::vector<std::uint32_t> words(corpus.vocabulary.size());
    for (std::uint32_t w = 0; w < words.size(); ++w) words[w] = w;
    for (const WindowCounting counting : {WindowCounting::Exact, WindowCounting::Gensim})
        for (const std::size_t width : {1u, 2u, 5u, 10u, 100u}) {
            const WindowRuns runs(corpus, words, width, counting);
            const auto windows = windowsOf(corpus, width, counting);
            ASSERT_EQ(runs.windows(), windows.size());
            for (std::uint32_t a = 0; a < words.size(); ++a)
                for (std::uint32_t b = a; b < words.size(); ++b) {
                    std::uint64_t both = 0;
                    for (const auto& window : windows) both += window.contains(a) && window.contains(b);
                    ASSERT_EQ(a == b ? runs.count(a) : runs.together(a, b), both) << width << " " << a << " " << b;
                }
        }
}

TEST(Coherence, EqualsGensimOnM10) {
    const json golden = json::parse(readFile(kTestTopics / "gensim_coherence_m10.json").value())["M10"];
    std::vector<std::vector<std::string>> topics;
    for (const auto& [label, words] : golden["topics"].items()) topics.push_back(words.get<std::vector<std::string>>());
    const Corpus corpus = readM10();
    for (const CoherenceMeasure measure : {CoherenceMeasure::Npmi, CoherenceMeasure::Cv, CoherenceMeasure::Uci, CoherenceMeasure::UMass}) {
        const json& wanted = golden[std::string(name(measure))];
        const auto scored = coherence(topics, corpus, {measure, WindowCounting::Gensim, defaultWindow(measure), 10});
        ASSERT_TRUE(scored) << scored.error().text();
        for (std::size_t k = 0; k < topics.size(); ++k) EXPECT_NEAR(scored->perTopic[k], wanted["per_topic"][k].get<double>(), 1e-10) << name(measure) << k;
        EXPECT_NEAR(scored->mean, wanted["mean"].get<double>(), 1e-10);
    }
}

TEST(Coherence, ExactCountingDiffersOnlyWhereWordsRepeatInAWindow) {
    const std::vector<std::vector<std::string>> topics{{"x", "y"}};
    const auto score = [&](const Corpus& corpus, WindowCounting counting) { return coherence(topics, corpus, {CoherenceMeasure::Npmi, counting, 3, 10}).value().mean; };
    const Corpus once = corpusOf({"x p q y r s", "y x t u", "z z z z"});
    EXPECT_EQ(score(once, WindowCounting::Exact), score(once, WindowCounting::Gensim));
    const Corpus twice = corpusOf({"x x y r s", "z z z z"});
    // Windows of 3: xxy, xyr, yrs, zzz, zzz. gensim forgets the second x in the second window.
    EXPECT_NEAR(score(twice, WindowCounting::Exact), std::log((2.0 / 5 + 1e-12) / (2.0 / 5 * 3.0 / 5)) / -std::log(2.0 / 5 + 1e-12), 1e-12);
    EXPECT_NEAR(score(twice, WindowCounting::Gensim), std::log((1.0 / 5 + 1e-12) / (1.0 / 5 * 3.0 / 5)) / -std::log(1.0 / 5 + 1e-12), 1e-12);
}

TEST(Coherence, InternalNpmiGivesZeroToPairsThatNeverMeet) {
    const Corpus corpus = corpusOf({"a b", "a b", "c d", "e f"});
    const auto score = [&](std::vector<std::string> words) { return coherence({std::move(words)}, corpus, {CoherenceMeasure::NpmiInternal, WindowCounting::Exact, 0, 10}).value().mean; };
    EXPECT_NEAR(score({"a", "b"}), 1, 1e-12);
    EXPECT_EQ(score({"a", "c"}), 0);
    EXPECT_NEAR(score({"a", "b", "c"}), 1.0 / 3, 1e-12);
}

TEST(Coherence, UnknownWordsAndEmptyTopicsAreReported) {
    const Corpus corpus = corpusOf({"a b c", "a c"});
    const auto scored = coherence({{"a", "zebra", "c"}, {"zebra", "a"}, {}}, corpus, {CoherenceMeasure::Npmi, WindowCounting::Exact, 10, 10});
    ASSERT_TRUE(scored);
    EXPECT_EQ(scored->unknown, (std::vector<std::string>{"zebra"}));
    EXPECT_TRUE(std::isfinite(scored->perTopic[0]));
    EXPECT_TRUE(std::isnan(scored->perTopic[1]));
    EXPECT_EQ(scored->unscored, 2u);
    EXPECT_EQ(scored->mean, scored->perTopic[0]);
    Corpus unordered = corpus;
    unordered.ordered = false;
    EXPECT_THAT(coherence({{"a", "b"}}, unordered, {}).error().text(), HasSubstr("window=0"));
    EXPECT_FALSE(coherence({}, corpus, {}));
}

TEST(CoherenceJob, WritesNullsAndNamesTheReference) {
    const io::Scratch scratch;
    ASSERT_TRUE(runTopicJob("topics.preprocess", {{"input", scratch.file("t.txt", "a b c\na c\n").string()}, {"tokenizer", "spaces"}, {"stop_words", "none"}, {"min_token_length", 1}}, scratch / "c"));
    const auto topics = scratch.file("topics.txt", "a c b\nzebra a\n");
    const auto result = runTopicJob("topics.coherence", {{"topics", topics.string()}, {"corpus", (scratch / "c").string()}, {"measure", "c_v"}}, scratch / "r");
    ASSERT_TRUE(result) << result.error().text();
    const json written = json::parse(readFile(scratch / "r/result.json").value());
    EXPECT_EQ(written["window"], 110);
    EXPECT_EQ(written["windows"], 2);
    EXPECT_TRUE(written["per_topic"][0].is_number());
    EXPECT_TRUE(written["per_topic"][1].is_null());
    EXPECT_EQ(written["unknown_words"][0], "zebra");
    EXPECT_EQ(written["reference_hash"].get<std::string>().size(), 16u);
}

TEST(Diversity, ByHand) {
    // Words 0 1 2 3 against 0 4 2 5: two shared of four.
    const std::vector<std::vector<std::uint32_t>> topics{{0, 1, 2, 3}, {0, 4, 2, 5}};
    const Diversity d = diversity(topics, 4, 0.9, 6);
    EXPECT_NEAR(d.topicDiversity, 6.0 / 8, 1e-12);
    EXPECT_NEAR(d.topicUniqueness, (0.5 + 1 + 0.5 + 1) / 4, 1e-12);
    EXPECT_NEAR(d.overlap, 0.5, 1e-12);
    const double a[] = {1, 0.5, 2.0 / 3, 0.5};
    const double rbo = 0.1 * (a[0] + 0.9 * a[1] + 0.81 * a[2] + 0.729 * a[3]) + a[3] * std::pow(0.9, 4);
    EXPECT_NEAR(d.rbo, rbo, 1e-12);
    EXPECT_NEAR(d.invertedRbo, 1 - rbo, 1e-12);
    EXPECT_NEAR(diversity({{0, 1}, {0, 1}}, 10, 0.9, 2).invertedRbo, 0, 1e-12);
    EXPECT_EQ(diversity({{}, {}}, 10, 0.9, 0).topicDiversity, 0);
}

}  // namespace
}  // namespace driftscope::topics
