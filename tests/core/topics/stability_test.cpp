#include "core/topics/measure/stability.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/base/atomic_file.h"
#include "tests/core/io/scratch.h"
#include "tests/core/topics/synthetic_runs.h"
#include "tests/core/topics/topic_files.h"

namespace driftscope::topics {
namespace {

using testing::HasSubstr;

TEST(Stability, PermutingTopicsChangesNothing) {
    const TopicRun run = randomRun(8, 120, 200, 1);
    const std::vector<TopicRun> runs{run, permuted(run, shuffledOrder(8, 2)), permuted(run, shuffledOrder(8, 3))};
    for (const DistanceKind distance : {DistanceKind::Rbo, DistanceKind::JensenShannon, DistanceKind::Correlation}) {
        const auto result = stability(runs, {.paper = false, .distance = distance});
        ASSERT_TRUE(result) << result.error().text();
        EXPECT_NEAR(result->wordTotal.mean, 0, 2e-3 * (distance != DistanceKind::Rbo)) << static_cast<int>(distance);
        EXPECT_NEAR(result->documentTotal.mean, 0, 2e-3 * (distance != DistanceKind::Rbo));
        EXPECT_NEAR(result->ari.mean, 1, 1e-12);
        const std::vector<std::uint32_t> order = shuffledOrder(8, 2);
        for (std::size_t k = 0; k < 8; ++k) EXPECT_EQ(result->pairs[0].words.columnOf[k], order[k]);
    }
    const Stability unique = stability(runs, {}).value();
    EXPECT_EQ(unique.uniqueDocumentWords, 0);
    EXPECT_EQ(unique.uniqueTopicWords, 0);
}

TEST(Stability, PaperModeGivesEqualDocumentListsThePackagesRemainder) {
    const TopicRun run = randomRun(5, 100, 220, 4);
    const Stability paper = stability({run, run}, {}).value();
    EXPECT_EQ(paper.documentDepth, 44u);
    EXPECT_NEAR(paper.documentMean.mean, std::pow(0.9, 44), 1e-9);
    EXPECT_NEAR(paper.documentTotal.mean, 5 * std::pow(0.9, 44), 1e-9);
    EXPECT_NEAR(paper.identicalDocuments, std::pow(0.9, 44), 1e-15);
    EXPECT_EQ(paper.wordTotal.mean, 0);
    EXPECT_NEAR(stability({run, run}, {.paper = false}).value().documentTotal.mean, 0, 1e-12);
}

TEST(Stability, RandomTopicsAreFarApart) {
    const auto result = stability({randomRun(10, 3000, 500, 1), randomRun(10, 3000, 500, 2), randomRun(10, 3000, 500, 3)}, {});
    ASSERT_TRUE(result);
    EXPECT_GT(result->wordMean.mean, 0.9);
    EXPECT_LT(std::abs(result->ari.mean), 0.05);
    EXPECT_GT(result->uniqueTopicWords, 0.7);
    ASSERT_TRUE(result->wordTotal.low);
    EXPECT_LT(*result->wordTotal.low, result->wordTotal.mean);
    EXPECT_GT(*result->wordTotal.high, result->wordTotal.mean);
    EXPECT_EQ(result->pairs.size(), 3u);
}

TEST(Stability, UniqueWordsByHand) {
    // Two runs of two topics of two words; the first topic agrees, the second shares nothing.
    const std::vector<std::vector<std::vector<std::uint32_t>>> words{{{0, 1}, {2, 3}}, {{0, 1}, {4, 5}}};
    EXPECT_NEAR(uniqueTopicWords(words), (6.0 - 4) / 4, 1e-12);
    EXPECT_NEAR(uniqueDocumentWords(words, {{0, 1, 1}, {0, 1, 0}}), (0 + 1 + 1) / 3.0, 1e-12);
    // A word that two topics of a run list counts twice; the other run lists it once.
    EXPECT_NEAR(uniqueTopicWords({{{0, 1}, {0, 2}}, {{0, 1}, {2, 3}}}), (5.0 - 4) / 4, 1e-12);
}

TEST(Stability, JackknifeIsOverRunsNotPairs) {
    std::vector<PairStability> pairs;
    for (std::size_t a = 0; a < 4; ++a)
        for (std::size_t b = a + 1; b < 4; ++b) pairs.push_back({.a = a, .b = b, .ari = a == 0 ? 1.0 : 0.0});
    const PairSummary summary = summarise(pairs, 4, [](const PairStability& p) { return p.ari; });
    EXPECT_NEAR(summary.mean, 0.5, 1e-12);
    // Leaving out run 0 gives 0, any other run 2/3.
    const double centre = 0.5, square = centre * centre + 3 * std::pow(2.0 / 3 - centre, 2);
    EXPECT_NEAR(*summary.high - summary.mean, 1.96 * std::sqrt(square * 3 / 4), 1e-12);
    EXPECT_FALSE(summarise({pairs[0]}, 2, [](const PairStability& p) { return p.ari; }).low);
}

TEST(Stability, MatchesDifferentNumbersOfTopics) {
    const TopicRun many = randomRun(6, 80, 100, 1);
    TopicRun few = many;
    few.beta = Matrix(4, 80);
    few.theta = Matrix(100, 4);
    for (std::size_t k = 0; k < 4; ++k) {
        std::copy(many.beta.row(k + 1).begin(), many.beta.row(k + 1).end(), few.beta.row(k).begin());
        for (std::size_t d = 0; d < 100; ++d) few.theta(d, k) = many.theta(d, k + 1);
    }
    const Stability result = stability({many, few}, {}).value();
    EXPECT_EQ(result.wordTotal.mean, 0);
    EXPECT_EQ(result.pairs[0].words.columnOf[0], kUnmatched);
    EXPECT_TRUE(std::isnan(result.topicStability[0][0]));
    EXPECT_EQ(result.topicStability[0][1], 0);
}

TEST(Stability, RefusesRunsOfOtherCorpora) {
    EXPECT_THAT(stability({randomRun(3, 50, 20, 1)}, {}).error().text(), HasSubstr("two runs"));
    EXPECT_THAT(stability({randomRun(3, 50, 20, 1), randomRun(3, 51, 20, 1)}, {}).error().text(), HasSubstr("another vocabulary"));
    EXPECT_THAT(stability({randomRun(3, 50, 20, 1), randomRun(3, 50, 21, 1)}, {}).error().text(), HasSubstr("21 documents"));
}

TEST(StabilityJob, ComparesFoldersAndLeavesOutCollapsedRuns) {
    const io::Scratch scratch;
    const TopicRun run = randomRun(4, 60, 50, 1);
    ASSERT_TRUE(writeTopicRun(scratch / "a", run));
    ASSERT_TRUE(writeTopicRun(scratch / "b", permuted(run, shuffledOrder(4, 1))));
    TopicRun collapsed = randomRun(4, 60, 50, 2);
    for (std::size_t d = 0; d < 50; ++d)
        for (std::size_t k = 0; k < 4; ++k) collapsed.theta(d, k) = k == 2 ? 0.7f : 0.1f;
    ASSERT_TRUE(writeTopicRun(scratch / "c", collapsed));
    std::string warnings;
    const auto result = runTopicJob("topics.stability", {{"runs", {(scratch / "a").string(), (scratch / "b").string(), (scratch / "c").string()}}}, scratch / "out", {}, [&](const nlohmann::json& event) {
        if (event["type"] == "warning") warnings += event["text"].get<std::string>();
    });
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_THAT(warnings, HasSubstr("same largest topic"));
    EXPECT_EQ((*result)["runs"], 2);
    EXPECT_EQ((*result)["topic_word"]["total"]["mean"], 0);
    const auto written = nlohmann::json::parse(readFile(scratch / "out/result.json").value());
    EXPECT_EQ(written["pairs"].size(), 1u);
    EXPECT_EQ(written["left_out"].size(), 1u);
    TopicRun other = run;
    other.record["corpus_hash"] = "1111";
    TopicRun mine = run;
    mine.record["corpus_hash"] = "2222";
    ASSERT_TRUE(writeTopicRun(scratch / "d", other));
    ASSERT_TRUE(writeTopicRun(scratch / "e", mine));
    EXPECT_THAT(runTopicJob("topics.stability", {{"runs", {(scratch / "d").string(), (scratch / "e").string()}}}, scratch / "o2").error().text(), HasSubstr("different documents"));
}

}  // namespace
}  // namespace driftscope::topics
