#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/atomic_file.h"
#include "core/base/fingerprint.h"
#include "core/io/npy.h"
#include "core/topics/data/corpus_folder.h"
#include "core/topics/data/topic_run.h"
#include "core/topics/neural/neural_kinds.h"
#include "tests/core/io/scratch.h"
#include "tests/core/topics/topic_files.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr std::size_t kPlanted = 4, kWordsPerTopic = 15, kDocuments = 400, kLength = 30;

/// Documents that take nearly all their words from one of four disjoint sets.
Corpus plantedCorpus() {
    Corpus corpus;
    for (std::size_t w = 0; w < kPlanted * kWordsPerTopic; ++w) corpus.vocabulary.push_back("w" + std::to_string(w));
    std::vector<std::string> labels;
    for (std::size_t d = 0; d < kDocuments; ++d) {
        const std::size_t topic = randomBits(3, 1, d) % kPlanted;
        for (std::size_t i = 0; i < kLength; ++i) {
            const std::size_t own = randomUnit(3, 2, d * kLength + i) < 0.95 ? topic : randomBits(3, 3, d * kLength + i) % kPlanted;
            corpus.words.push_back(static_cast<std::uint32_t>(own * kWordsPerTopic + randomBits(3, 4, d * kLength + i) % kWordsPerTopic));
        }
        corpus.offsets.push_back(corpus.words.size());
        corpus.ids.push_back(std::to_string(d));
        corpus.rows.push_back(static_cast<std::int64_t>(d));
        corpus.splits.push_back(Split::Train);
        labels.push_back("t" + std::to_string(topic));
    }
    corpus.levels.push_back({"planted", Categorical::fromTexts(labels)});
    return corpus;
}

class NeuralJob : public testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        ASSERT_TRUE(writeCorpus(scratch_ / "corpus", corpus_, {}, json::object()));
        // "Sentence embeddings" that know the topic, as a transformer's would.
        std::vector<float> rows;
        for (std::size_t d = 0; d < kDocuments; ++d)
            for (std::size_t j = 0; j < 8; ++j)
                rows.push_back(static_cast<float>((static_cast<std::size_t>(corpus_.levels[0].categories.codes[d]) == j % kPlanted ? 1.0 : 0.0) + 0.3 * (randomUnit(4, j, d) - 0.5)));
        ASSERT_TRUE(io::writeNpy(scratch_ / "embeddings.npy", std::vector<std::int64_t>{kDocuments, 8}, rows));
    }
    json params(const std::string& model, json more = json::object()) const {
        json all{{"corpus", (scratch_ / "corpus").string()}, {"model", model}, {"k", 4}, {"epochs", 40}, {"batch_size", 50}, {"learning_rate", 0.01}};
        if (model == "ctm") all["embeddings"] = (scratch_ / "embeddings.npy").string();
        if (model == "dvae") all.update({{"kl_anneal_epochs", 10}});
        if (model == "etm") all.update({{"hidden", 100}, {"embedding_size", 30}});
        all.update(more);
        return all;
    }
    Result<json> train(const json& given, const std::string& folder, std::stop_token stop = {}, JobContext::Listener listener = {}) {
        JobRegistry registry;
        std::vector<TopicModelKind> models = neuralKinds();
        models.push_back(ldaKind());
        registerTopicJobs(registry, std::move(models));
        return runJob(registry, {"topics.train", given, scratch_ / folder, "cpu", false}, std::move(stop), std::move(listener));
    }
    Corpus corpus_ = plantedCorpus();
    io::Scratch scratch_;
};

/// Planted sets that are the ten first words of a topic to nine tenths or more.
std::size_t found(const TopicRun& run) {
    std::vector<bool> hit(kPlanted, false);
    for (const auto& list : topWords(run.beta, 10)) {
        std::vector<std::size_t> counts(kPlanted, 0);
        for (const std::uint32_t word : list) ++counts[word / kWordsPerTopic];
        const auto most = std::max_element(counts.begin(), counts.end());
        if (*most >= 9) hit[static_cast<std::size_t>(most - counts.begin())] = true;
    }
    return static_cast<std::size_t>(std::count(hit.begin(), hit.end(), true));
}

TEST_P(NeuralJob, FindsPlantedTopics) {
    std::map<std::string, std::size_t> points;
    const auto result = train(params(GetParam()), "run", {}, [&](const json& event) {
        if (event["type"] == "metric") ++points[event["name"].get<std::string>()];
    });
    ASSERT_TRUE(result) << result.error().text();
    for (const char* curve : {"loss", "reconstruction", "kl"}) EXPECT_EQ(points[curve], 40u) << curve;
    EXPECT_EQ(points["npmi_internal"], 4u);
    EXPECT_EQ(points["topics_written"], 4u);
    const auto run = readTopicRun(scratch_ / "run");
    ASSERT_TRUE(run) << run.error().text();
    EXPECT_GE(found(*run), 3u) << topicLines(run->beta, run->vocabulary, 10);
    std::vector<std::uint32_t> hard = hardAssignments(run->theta);
    std::size_t right = 0;
    for (std::size_t k = 0; k < 4; ++k) {
        std::vector<std::size_t> counts(kPlanted, 0);
        for (std::size_t d = 0; d < kDocuments; ++d)
            if (hard[d] == k) ++counts[static_cast<std::size_t>(corpus_.levels[0].categories.codes[d])];
        right += *std::max_element(counts.begin(), counts.end());
    }
    EXPECT_GT(right, kDocuments * 3 / 4);
    for (const Matrix* matrix : {&run->theta, &run->beta})
        for (std::size_t r = 0; r < matrix->rows; ++r) ASSERT_NEAR(std::accumulate(matrix->row(r).begin(), matrix->row(r).end(), 0.0), 1, 1e-4);
    EXPECT_EQ(run->record["model"], GetParam());
    EXPECT_TRUE(run->record["loss"].is_number());
}

TEST_P(NeuralJob, StoppedRunsResumeToTheSameBytes) {
    const json given = params(GetParam(), {{"epochs", 6}, {"penalty", 0.001}});
    ASSERT_TRUE(train(given, "whole"));
    std::stop_source stop;
    const auto stopped = train(given, "cut", stop.get_token(), [&](const json& event) {
        if (event["type"] == "metric" && event["name"] == "loss" && event["step"] == 3) stop.request_stop();
    });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
    const auto resumed = train(given, "cut");
    ASSERT_TRUE(resumed) << resumed.error().text();
    EXPECT_EQ(readFile(scratch_ / "whole/theta.npy").value(), readFile(scratch_ / "cut/theta.npy").value());
    EXPECT_EQ(readFile(scratch_ / "whole/beta.npy").value(), readFile(scratch_ / "cut/beta.npy").value());
    ASSERT_TRUE(train(params(GetParam(), {{"epochs", 6}, {"penalty", 0.001}, {"seed", 7}}), "other"));
    EXPECT_NE(readFile(scratch_ / "whole/beta.npy").value(), readFile(scratch_ / "other/beta.npy").value());
}

INSTANTIATE_TEST_SUITE_P(Models, NeuralJob, testing::Values("prodlda", "scholar", "dvae", "etm", "ctm"), [](const auto& given) { return std::string(given.param); });

using NeuralJobErrors = NeuralJob;

TEST_F(NeuralJobErrors, DivergenceIsAnError) {
    const auto result = train(params("prodlda", {{"learning_rate", 1e30}}), "run");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::Numeric) << result.error().text();
    EXPECT_THAT(result.error().text(), HasSubstr("diverged"));
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "run/theta.npy"));
}

TEST_F(NeuralJobErrors, EmbeddingsMustFit) {
    EXPECT_THAT(train({{"corpus", (scratch_ / "corpus").string()}, {"model", "ctm"}}, "none").error().text(), HasSubstr("embeddings=FILE"));
    ASSERT_TRUE(io::writeNpy(scratch_ / "short.npy", std::vector<std::int64_t>{3, 8}, std::vector<float>(24, 1.0F)));
    EXPECT_THAT(train(params("ctm", {{"embeddings", (scratch_ / "short.npy").string()}}), "short").error().text(), HasSubstr("3 rows for 400 documents"));
}

TEST_F(NeuralJobErrors, SmallAndEmptyDocumentsTrain) {
    Corpus small = corpusOf({"a b c", "a", "b c d d", "c d a"});
    small.offsets.push_back(small.words.size());  // and one without words
    small.ids.push_back("empty");
    small.rows.push_back(4);
    small.splits.push_back(Split::Train);
    ASSERT_EQ(small.documents(), 5u);
    ASSERT_TRUE(writeCorpus(scratch_ / "small", small, {}, json::object()));
    for (const char* model : {"prodlda", "scholar", "dvae", "etm"}) {
        const auto result = train({{"corpus", (scratch_ / "small").string()}, {"model", model}, {"k", 2}, {"epochs", 3}}, std::string("small-") + model);
        ASSERT_TRUE(result) << model << ": " << result.error().text();
        const auto run = readTopicRun(scratch_ / (std::string("small-") + model));
        ASSERT_TRUE(run) << run.error().text();
        EXPECT_EQ(run->theta.rows, 5u);
    }
}

}  // namespace
}  // namespace driftscope::topics
