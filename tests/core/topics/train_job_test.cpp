#include <gmock/gmock.h>

#include <cmath>

#include "core/base/atomic_file.h"
#include "core/topics/data/corpus_folder.h"
#include "core/topics/data/topic_run.h"
#include "tests/core/io/scratch.h"
#include "tests/core/topics/topic_files.h"

namespace driftscope::topics {
namespace {

using testing::HasSubstr;

class TrainJob : public testing::Test {
  protected:
    void SetUp() override {
        const auto made = runTopicJob("topics.preprocess", {{"input", (kTestTopics / "M10/corpus.tsv").string()}, {"format", "octis"}}, corpus());
        ASSERT_TRUE(made) << made.error().text();
    }
    std::filesystem::path corpus() const { return scratch_ / "corpus"; }
    nlohmann::json params(nlohmann::json more = nlohmann::json::object()) const {
        nlohmann::json all{{"corpus", corpus().string()}, {"k", 12}, {"iterations", 20}, {"optimize_interval", 5}, {"burn_in", 5}};
        all.update(more);
        return all;
    }
    io::Scratch scratch_;
};

TEST_F(TrainJob, WritesWhatOthersRead) {
    const auto result = runTopicJob("topics.train", params({{"assignments", true}}), scratch_ / "run");
    ASSERT_TRUE(result) << result.error().text();
    const auto run = readTopicRun(scratch_ / "run");
    ASSERT_TRUE(run) << run.error().text();
    EXPECT_EQ(run->theta.rows, 8355u);
    EXPECT_EQ(run->theta.columns, 12u);
    EXPECT_EQ(run->beta.columns, 1696u);
    for (const Matrix* matrix : {&run->theta, &run->beta})
        for (std::size_t r = 0; r < matrix->rows; ++r) {
            double sum = 0;
            for (const float value : matrix->row(r)) sum += value;
            ASSERT_NEAR(sum, 1, 1e-4);
        }
    EXPECT_EQ(run->record["model"], "lda");
    EXPECT_EQ(run->record["corpus_hash"], readCorpus(corpus())->contentHash());
    EXPECT_EQ(run->documents.levels.at(0).categories.categories.size(), 10u);
    const std::string lines = readFile(scratch_ / "run/assignments.txt").value();
    EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 8355);
    EXPECT_EQ(std::count(lines.begin(), lines.end(), ' '), 49385 - 8355);
    EXPECT_EQ(readTopicLines(scratch_ / "run/topics.txt")->at(3).size(), 50u);
}

TEST_F(TrainJob, StoppedRunsResumeToTheSameTopics) {
    ASSERT_TRUE(runTopicJob("topics.train", params(), scratch_ / "whole"));
    std::stop_source stop;
    int lines = 0;
    const auto stopped = runTopicJob("topics.train", params({{"trace_interval", 1}}), scratch_ / "cut", stop.get_token(), [&](const nlohmann::json& event) {
        if (event["type"] == "metric" && ++lines == 21) stop.request_stop();  // three curves: in the seventh iteration
    });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
    const auto resumed = runTopicJob("topics.train", params({{"trace_interval", 1}}), scratch_ / "cut");
    ASSERT_TRUE(resumed) << resumed.error().text();
    EXPECT_EQ(readFile(scratch_ / "whole/theta.npy").value(), readFile(scratch_ / "cut/theta.npy").value());
    EXPECT_EQ(readFile(scratch_ / "whole/beta.npy").value(), readFile(scratch_ / "cut/beta.npy").value());
}

TEST_F(TrainJob, FinishedRunsGoOnWithMoreIterations) {
    ASSERT_TRUE(runTopicJob("topics.train", params(), scratch_ / "whole"));
    ASSERT_TRUE(runTopicJob("topics.train", params({{"iterations", 12}}), scratch_ / "part"));
    const auto more = runTopicJob("topics.train", params({{"continue_from", (scratch_ / "part").string()}}), scratch_ / "more");
    ASSERT_TRUE(more) << more.error().text();
    EXPECT_EQ(readFile(scratch_ / "whole/theta.npy").value(), readFile(scratch_ / "more/theta.npy").value());
    EXPECT_THAT(runTopicJob("topics.train", params({{"iterations", 5}, {"continue_from", (scratch_ / "part").string()}}), scratch_ / "less").error().text(), HasSubstr("12 iterations already"));
    EXPECT_THAT(runTopicJob("topics.train", params({{"k", 13}, {"continue_from", (scratch_ / "part").string()}}), scratch_ / "other").error().text(), HasSubstr("12 topics, not 13"));
}

TEST_F(TrainJob, TestDocumentsAreHeldOut) {
    const auto result = runTopicJob("topics.train", params({{"split", "train"}, {"iterations", 60}}), scratch_ / "run");
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ((*result)["documents"], 5847);
    EXPECT_EQ((*result)["held_out"]["documents"], 1254);
    const double perplexity = (*result)["held_out"]["perplexity"];
    EXPECT_GT(perplexity, 100);
    EXPECT_LT(perplexity, 1696);  // better than a uniform guess
    const auto inferred = runTopicJob("topics.infer", {{"run", (scratch_ / "run").string()}, {"corpus", corpus().string()}, {"held_out", "left_to_right"}, {"particles", 2}}, scratch_ / "new");
    ASSERT_TRUE(inferred) << inferred.error().text();
    EXPECT_EQ((*inferred)["unknown_words"], 0);
    EXPECT_EQ(readMatrix(scratch_ / "new/theta.npy")->rows, 8355u);
    EXPECT_LT((*inferred)["perplexity"].get<double>(), 1696);
}

TEST_F(TrainJob, InferenceMapsForeignVocabularies) {
    ASSERT_TRUE(runTopicJob("topics.train", params(), scratch_ / "run"));
    const auto input = scratch_.file("new.txt", "neural network learning zebra\nzebra\n");
    ASSERT_TRUE(runTopicJob("topics.preprocess", {{"input", input.string()}, {"stop_words", "none"}}, scratch_ / "other"));
    const auto result = runTopicJob("topics.infer", {{"run", (scratch_ / "run").string()}, {"corpus", (scratch_ / "other").string()}}, scratch_ / "theta");
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ((*result)["unknown_words"], 2);
    EXPECT_EQ((*result)["documents_without_known_words"], 1);
    ASSERT_TRUE(runTopicJob("topics.preprocess", {{"input", scratch_.file("z.txt", "zebra xylophone\n").string()}}, scratch_ / "z"));
    EXPECT_THAT(runTopicJob("topics.infer", {{"run", (scratch_ / "run").string()}, {"corpus", (scratch_ / "z").string()}}, scratch_ / "t").error().text(), HasSubstr("No word of"));
}

TEST(TrainJobInput, SaysWhatIsWrongWithTheCorpus) {
    const io::Scratch scratch;
    const auto make = [&](const std::string& name, const std::string& text) {
        EXPECT_TRUE(runTopicJob("topics.preprocess", {{"input", scratch.file(name + ".txt", text).string()}, {"tokenizer", "spaces"}, {"stop_words", "none"}, {"min_token_length", 1}}, scratch / name));
        return (scratch / name).string();
    };
    const std::string one = make("one", "word word\nword\n");
    EXPECT_THAT(runTopicJob("topics.train", {{"corpus", one}, {"k", 2}}, scratch / "r1").error().text(), HasSubstr("the single word 'word'"));
    const std::string tiny = make("tiny", "a b\nc\n");
    EXPECT_THAT(runTopicJob("topics.train", {{"corpus", tiny}, {"k", 4}}, scratch / "r2").error().text(), HasSubstr("4 topics for 3 words"));
    std::string warning;
    const auto few = runTopicJob("topics.train", {{"corpus", tiny}, {"k", 3}, {"iterations", 5}}, scratch / "r3", {}, [&](const nlohmann::json& event) {
        if (event["type"] == "warning") warning += event["text"].get<std::string>();
    });
    ASSERT_TRUE(few) << few.error().text();
    EXPECT_THAT(warning, HasSubstr("3 topics for 2 documents"));
    EXPECT_THAT(runTopicJob("topics.train", {{"corpus", tiny}, {"mode", "compatible"}, {"threads", 2}, {"k", 2}}, scratch / "r4").error().text(), HasSubstr("one thread"));
    EXPECT_THAT(runTopicJob("topics.train", {{"corpus", scratch.path().string()}}, scratch / "r5").error().text(), HasSubstr("no corpus.json"));
    EXPECT_EQ(runTopicJob("topics.train", {{"corpus", tiny}, {"model", "lsa"}}, scratch / "r6").error().code, ErrorCode::Usage);
}

}  // namespace
}  // namespace driftscope::topics
