#include "core/topics/measure/ensemble.h"

#include <gmock/gmock.h>

#include "core/base/atomic_file.h"
#include "tests/core/io/scratch.h"
#include "tests/core/topics/synthetic_runs.h"
#include "tests/core/topics/topic_files.h"

namespace driftscope::topics {
namespace {

using testing::HasSubstr;

void expectNear(const Matrix& a, const Matrix& b) {
    ASSERT_EQ(a.rows, b.rows);
    ASSERT_EQ(a.columns, b.columns);
    for (std::size_t i = 0; i < a.values.size(); ++i) ASSERT_NEAR(a.values[i], b.values[i], 1e-6) << i;
}

TEST(Ensemble, OfOneRunIsThatRun) {
    const TopicRun run = randomRun(7, 90, 60, 5);
    const auto joined = ensemble({run}, {});
    ASSERT_TRUE(joined) << joined.error().text();
    expectNear(joined->run.beta, run.beta);
    expectNear(joined->run.theta, run.theta);
    EXPECT_EQ(joined->supportedByAll, 7u);
}

TEST(Ensemble, OfCopiesIsTheRun) {
    const TopicRun run = randomRun(7, 90, 60, 5);
    const std::vector<TopicRun> copies{run, permuted(run, shuffledOrder(7, 1)), permuted(run, shuffledOrder(7, 2)), run};
    for (const DistanceKind distance : {DistanceKind::JensenShannon, DistanceKind::Rbo, DistanceKind::Correlation})
        for (const bool sum : {true, false})
            for (const double share : {1.0, 0.5, 0.0}) {
                const auto joined = ensemble(copies, {.wordDistance = distance, .wordShare = share, .linkage = share < 1 ? Linkage::Complete : Linkage::Average, .sum = sum});
                ASSERT_TRUE(joined) << joined.error().text();
                expectNear(joined->run.beta, run.beta);
                expectNear(joined->run.theta, run.theta);
                EXPECT_EQ(joined->onePerRun, 7u);
                for (const EnsembleTopic& topic : joined->topics) EXPECT_NEAR(topic.spread, 0, 2e-3);
            }
}

TEST(Ensemble, SurvivesARunOfGarbage) {
    const TopicRun run = randomRun(6, 400, 80, 5);
    const TopicRun garbage = randomRun(6, 400, 80, 77);
    const auto joined = ensemble({run, garbage, permuted(run, shuffledOrder(6, 3)), run}, {.clusters = 12, .minimumRuns = 2});
    ASSERT_TRUE(joined) << joined.error().text();
    ASSERT_EQ(joined->topics.size(), 6u);
    EXPECT_EQ(joined->dropped, 6u);
    expectNear(joined->run.beta, run.beta);
    for (const EnsembleTopic& topic : joined->topics) {
        EXPECT_EQ(topic.runs, 3u);
        EXPECT_FALSE(topic.onePerRun);
    }
}

TEST(Ensemble, SumAndMeanDifferWhereClustersDiffer) {
    // Topic 0 of both runs is the same; the others have nothing in common, so one cluster holds two topics.
    TopicRun a, b;
    a.vocabulary = b.vocabulary = {"p", "q", "r", "s"};
    a.beta = b.beta = Matrix(2, 4);
    a.beta.values = {1, 0, 0, 0, 0, 1, 0, 0};
    b.beta.values = {1, 0, 0, 0, 0, 0, 1, 0};
    a.theta = b.theta = Matrix(1, 2);
    a.theta.values = {0.6f, 0.4f};
    b.theta.values = {0.6f, 0.4f};
    const Ensemble sum = ensemble({a, b}, {.clusters = 3}).value();
    ASSERT_EQ(sum.topics.size(), 3u);
    EXPECT_NEAR(sum.run.theta(0, 0), 1.2 / 2, 1e-6);
    EXPECT_NEAR(sum.run.theta(0, 1), 0.4 / 2, 1e-6);
    const Ensemble mean = ensemble({a, b}, {.clusters = 3, .sum = false}).value();
    EXPECT_NEAR(mean.run.theta(0, 0), 0.6 / 1.4, 1e-6);
    const Ensemble threshold = ensemble({a, b}, {.threshold = 0.1}).value();
    EXPECT_EQ(threshold.topics.size(), 3u);
}

TEST(Ensemble, RefusesWhatDoesNotFit) {
    EXPECT_FALSE(ensemble({}, {}));
    EXPECT_THAT(ensemble({randomRun(2, 30, 10, 1), randomRun(2, 31, 10, 1)}, {}).error().text(), HasSubstr("another vocabulary"));
    EXPECT_THAT(ensemble({randomRun(2, 30, 10, 1), randomRun(2, 30, 11, 1)}, {}).error().text(), HasSubstr("11 documents"));
    EXPECT_THAT(ensemble({randomRun(2, 30, 10, 1), randomRun(2, 30, 10, 9)}, {.minimumRuns = 3}).error().text(), HasSubstr("from 3 runs"));
}

TEST(EnsembleJob, WritesARunWithItsMembers) {
    const io::Scratch scratch;
    const TopicRun run = randomRun(4, 60, 50, 1);
    ASSERT_TRUE(writeTopicRun(scratch / "a", run));
    ASSERT_TRUE(writeTopicRun(scratch / "b", permuted(run, shuffledOrder(4, 1))));
    const auto result = runTopicJob("topics.ensemble", {{"runs", {(scratch / "a").string(), (scratch / "b").string()}}}, scratch / "e");
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ((*result)["one_per_run"], 4);
    const auto back = readTopicRun(scratch / "e");
    ASSERT_TRUE(back) << back.error().text();
    expectNear(back->beta, run.beta);
    const auto written = nlohmann::json::parse(readFile(scratch / "e/result.json").value());
    EXPECT_EQ(written["topics"][0]["members"].size(), 2u);
}

}  // namespace
}  // namespace driftscope::topics
