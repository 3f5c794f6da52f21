#include "core/topics/nmf/nmf.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/base/atomic_file.h"
#include "core/base/fingerprint.h"
#include "core/topics/data/corpus_folder.h"
#include "core/topics/data/topic_run.h"
#include "tests/core/io/scratch.h"
#include "tests/core/topics/topic_files.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// A non-negative matrix of rank `rank`.
SparseRows lowRank(std::size_t rows, std::size_t columns, std::size_t rank) {
    SparseRows x{rows, columns, {0}, {}, {}};
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = 0; c < columns; ++c) {
            double value = 0;
            for (std::size_t k = 0; k < rank; ++k) value += std::pow(randomUnit(1, k, r), 3) * std::pow(randomUnit(2, k, c), 3);
            x.ids.push_back(static_cast<std::uint32_t>(c));
            x.values.push_back(value);
        }
        x.offsets.push_back(x.ids.size());
    }
    return x;
}

TEST(Nmf, RecoversALowRankMatrix) {
    for (const bool random : {false, true}) {
        Nmf nmf = Nmf::make(lowRank(30, 20, 3), {.topics = 3, .randomStart = random, .tolerance = 1e-9}).value();
        double last = nmf.error();
        for (int i = 0; i < 3000 && nmf.update(); ++i)
            if (i % 50 == 0) {
                EXPECT_LE(nmf.error(), last * (1 + 1e-9));
                last = nmf.error();
            }
        EXPECT_LT(nmf.error(), 0.02) << random;
        for (const double value : nmf.documents()) EXPECT_GE(value, 0);
    }
}

TEST(Nmf, StartsAtNonNegativeSingularVectors) {
    // Rank 1: the start is the matrix itself.
    const Nmf nmf = Nmf::make(lowRank(12, 9, 1), {.topics = 1}).value();
    EXPECT_NEAR(nmf.error(), 0, 1e-6);
    EXPECT_THAT(Nmf::make(lowRank(4, 9, 1), {.topics = 5}).error().text(), HasSubstr("nmf_start=random"));
}

TEST(Nmf, WeightsAreThoseOfScikitLearn) {
    // TfidfVectorizer().fit_transform(["a b b", "a c"]) with one-letter tokens.
    const SparseRows x = weightedCounts(corpusOf({"a b b", "a c"}), true);
    const double idf = std::log(3.0 / 2.0) + 1, norm = std::sqrt(1 + 4 * idf * idf);
    ASSERT_EQ(x.values.size(), 4u);
    EXPECT_NEAR(x.values[0], 1 / norm, 1e-12);
    EXPECT_NEAR(x.values[1], 2 * idf / norm, 1e-12);
    EXPECT_NEAR(x.values[3], idf / std::sqrt(1 + idf * idf), 1e-12);
}

TEST(NmfJob, TrainsTheSameForEverySeedAndResumes) {
    io::Scratch scratch;
    ASSERT_TRUE(writeCorpus(scratch / "corpus", readM10(), {}, json::object()));
    const auto params = [&](json more = json::object()) {
        json all{{"corpus", (scratch / "corpus").string()}, {"model", "nmf"}, {"k", 10}, {"iterations", 12}};
        all.update(more);
        return all;
    };
    const auto result = runTopicJob("topics.train", params(), scratch / "one");
    ASSERT_TRUE(result) << result.error().text();
    ASSERT_TRUE(runTopicJob("topics.train", params({{"seed", 7}}), scratch / "two"));
    EXPECT_EQ(readFile(scratch / "one/beta.npy").value(), readFile(scratch / "two/beta.npy").value());
    ASSERT_TRUE(runTopicJob("topics.train", params({{"seed", 7}, {"nmf_start", "random"}}), scratch / "three"));
    EXPECT_NE(readFile(scratch / "one/beta.npy").value(), readFile(scratch / "three/beta.npy").value());
    const auto aligned = runTopicJob("topics.align", {{"run", (scratch / "one").string()}, {"bootstrap", 0}}, scratch / "aligned");
    ASSERT_TRUE(aligned) << aligned.error().text();
    EXPECT_GT((*aligned)["nmi"].get<double>(), (*aligned)["shuffled"]["nmi"].get<double>() + 0.1);

    std::stop_source stop;
    int updates = 0;
    const auto stopped = runTopicJob("topics.train", params(), scratch / "cut", stop.get_token(), [&](const json& event) {
        if (event["type"] == "progress" && ++updates >= 1) stop.request_stop();
    });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
    ASSERT_TRUE(runTopicJob("topics.train", params(), scratch / "cut"));
    EXPECT_EQ(readFile(scratch / "one/theta.npy").value(), readFile(scratch / "cut/theta.npy").value());
}

}  // namespace
}  // namespace driftscope::topics
