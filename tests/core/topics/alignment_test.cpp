#include "core/topics/measure/alignment.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/base/atomic_file.h"
#include "core/base/fingerprint.h"
#include "core/topics/data/topic_run.h"
#include "tests/core/io/scratch.h"
#include "tests/core/topics/topic_files.h"

namespace driftscope::topics {
namespace {

using testing::HasSubstr;
using Codes = std::vector<std::uint32_t>;

/// ARI by counting pairs one by one.
double ariOf(const Codes& a, const Codes& b) {
    double both = 0, inA = 0, inB = 0, pairs = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
            both += a[i] == a[j] && b[i] == b[j];
            inA += a[i] == a[j];
            inB += b[i] == b[j];
            ++pairs;
        }
    const double expected = inA * inB / pairs;
    return (both - expected) / ((inA + inB) / 2 - expected);
}

TEST(PartitionScores, EqualScikitLearnsExamples) {
    const PartitionScores s = partitionScores(Codes{0, 0, 1, 2}, Codes{0, 0, 1, 1});
    EXPECT_NEAR(s.ari, 0.5714285714285714, 1e-12);
    EXPECT_NEAR(s.nmi, 0.8, 1e-12);
    EXPECT_NEAR(s.purity, 1, 1e-12);
    EXPECT_NEAR(s.inversePurity, 0.75, 1e-12);
    EXPECT_NEAR(s.p1, 2 * 0.75 / 1.75, 1e-12);
    EXPECT_NEAR(partitionScores(Codes{0, 0, 1, 1}, Codes{0, 1, 0, 1}).ari, -0.5, 1e-12);
}

TEST(PartitionScores, EqualBruteForce) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        Codes a, b;
        for (std::size_t i = 0; i < 60; ++i) {
            a.push_back(static_cast<std::uint32_t>(randomBits(seed, 0, i) % 5));
            b.push_back(randomUnit(seed, 1, i) < 0.5 ? a.back() % 3 : static_cast<std::uint32_t>(randomBits(seed, 2, i) % 4));
        }
        EXPECT_NEAR(partitionScores(a, b).ari, ariOf(a, b), 1e-12);
        const PartitionScores there = partitionScores(a, b), back = partitionScores(b, a);
        EXPECT_NEAR(there.purity, back.inversePurity, 1e-15);
        EXPECT_NEAR(there.nmi, back.nmi, 1e-12);
    }
}

TEST(PartitionScores, LimitsAreThoseOfScikitLearn) {
    const Codes one(6, 0), each{0, 1, 2, 3, 4, 5}, two{0, 0, 0, 1, 1, 1};
    EXPECT_EQ(partitionScores(one, two).ari, 0);
    EXPECT_EQ(partitionScores(one, two).nmi, 0);
    EXPECT_NEAR(partitionScores(one, two).purity, 0.5, 1e-12);
    EXPECT_EQ(partitionScores(one, one).nmi, 1);
    EXPECT_EQ(partitionScores(one, one).ari, 1);
    EXPECT_EQ(partitionScores(each, each).ari, 1);
    EXPECT_NEAR(partitionScores(each, two).purity, 1, 1e-12);
    EXPECT_EQ(partitionScores(Codes{}, Codes{}).purity, 0);
}

TEST(PartitionScores, DoNotOverflow) {
    Codes a(200000), b(200000);
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = i < 100000, b[i] = i < 100001;
    const double ari = partitionScores(a, b).ari;
    EXPECT_GT(ari, 0.9999);
    EXPECT_LT(ari, 1);
}

TEST(Alignment, LeavesOutDocumentsWithoutCategory) {
    const LabelLevel level{"topic", Categorical::fromTexts({"x", "", "y", "y", "x"})};
    const LevelAlignment result = align(Codes{0, 1, 1, 1, 0}, 3, level, {.bootstrap = 200, .shuffles = 10});
    EXPECT_EQ(result.documents, 4u);
    EXPECT_EQ(result.missing, 1u);
    EXPECT_EQ(result.topicsUsed, 2u);
    EXPECT_EQ(result.scores.ari, 1);
    EXPECT_NEAR(result.majority, 0.5, 1e-12);
    EXPECT_LE(result.bootstrap.purity.low, result.bootstrap.purity.high);
    EXPECT_LT(result.shuffled.ari, 0.9);
}

TEST(Alignment, BootstrapCoversTheScore) {
    Codes topics;
    std::vector<std::string> labels;
    for (std::size_t i = 0; i < 500; ++i) {
        topics.push_back(static_cast<std::uint32_t>(randomBits(1, 0, i) % 6));
        labels.push_back(std::to_string(randomUnit(1, 1, i) < 0.7 ? topics.back() / 2 : randomBits(1, 2, i) % 3));
    }
    const LevelAlignment result = align(topics, 6, {"l", Categorical::fromTexts(labels)}, {});
    EXPECT_LT(result.bootstrap.ari.low, result.scores.ari);
    EXPECT_GT(result.bootstrap.ari.high, result.scores.ari);
    EXPECT_LT(result.bootstrap.ari.high - result.bootstrap.ari.low, 0.2);
    EXPECT_NEAR(result.shuffled.ari, 0, 0.02);
}

class AlignJob : public testing::Test {
  protected:
    std::string theta(std::vector<float> values, std::size_t columns) {
        Matrix matrix(values.size() / columns, columns);
        matrix.values = std::move(values);
        EXPECT_TRUE(writeMatrix(scratch_ / "theta.npy", matrix));
        return (scratch_ / "theta.npy").string();
    }
    Result<nlohmann::json> run(const nlohmann::json& params) {
        warnings_.clear();
        return runTopicJob("topics.align", params, scratch_ / ("r" + std::to_string(++runs_)), {}, [&](const nlohmann::json& event) {
            if (event["type"] == "warning") warnings_ += event["text"].get<std::string>() + "\n";
        });
    }
    io::Scratch scratch_;
    int runs_ = 0;
    std::string warnings_;
};

TEST_F(AlignJob, ReadsALabelPerLine) {
    const std::string file = theta({0.9f, 0.1f, 0.8f, 0.2f, 0.3f, 0.7f, 0.5f, 0.5f}, 2);
    const auto result = run({{"theta", file}, {"labels", scratch_.file("l.txt", "a\na\nb\nb\n").string()}});
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_NEAR((*result)["purity"].get<double>(), 0.75, 1e-12);  // the tie of the last document goes to topic 0
    EXPECT_EQ((*result)["levels"].size(), 1u);
    EXPECT_EQ(readFile(scratch_ / "r1/topics_by_0.csv").value(), "topic,a,b\n0,2,1\n1,0,1\n");
}

TEST_F(AlignJob, ReadsLevelsFromCsv) {
    const std::string file = theta({0.9f, 0.1f, 0.8f, 0.2f, 0.3f, 0.7f}, 2);
    const auto labels = scratch_.file("l.csv", "id,topic,sub\n1,a,x\n2,a,\n3,b,y\n").string();
    const auto result = run({{"theta", file}, {"labels", labels}});
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ((*result)["levels"][1]["level"], "sub");
    EXPECT_THAT(warnings_, HasSubstr("1 documents have no 'sub'"));
    EXPECT_EQ((*run({{"theta", file}, {"labels", labels}, {"levels", {"sub"}}}))["levels"].size(), 1u);
    EXPECT_THAT(run({{"theta", file}, {"labels", labels}, {"levels", {"colour"}}}).error().text(), HasSubstr("id, topic, sub"));
}

TEST_F(AlignJob, SaysWhatHasNoMeaning) {
    EXPECT_THAT(run({{"theta", theta({1, 0, 0, 1}, 2)}, {"labels", scratch_.file("l.txt", "a\n").string()}}).error().text(), HasSubstr("1 labels of 'label' for 2 rows"));
    ASSERT_TRUE(run({{"theta", theta({1, 0, 0, 1}, 2)}, {"labels", scratch_.file("l.txt", "a\na\n").string()}}));
    EXPECT_THAT(warnings_, testing::AllOf(HasSubstr("purity is 1 by construction"), HasSubstr("All documents have the same 'label'")));
    ASSERT_TRUE(run({{"theta", theta({1, 0, 1, 0}, 2)}, {"labels", scratch_.file("l.txt", "a\nb\n").string()}}));
    EXPECT_THAT(warnings_, HasSubstr("same largest topic"));
    EXPECT_THAT(run({{"theta", theta({1, 0, 1, 0}, 2)}, {"labels", scratch_.file("l.txt", "\n\n").string()}}).error().text(), HasSubstr("No document has a 'label'"));
    EXPECT_EQ(run({{"labels", scratch_.file("l.txt", "a\n").string()}}).error().code, ErrorCode::Usage);
    EXPECT_THAT(run({{"theta", theta({1, 0, 1, 0}, 2)}}).error().text(), HasSubstr("no human categories"));
}

}  // namespace
}  // namespace driftscope::topics
