#include "core/topics/import_run.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/base/atomic_file.h"
#include "core/io/npz.h"
#include "tests/core/io/scratch.h"
#include "tests/core/topics/topic_files.h"

namespace driftscope::topics {
namespace {

using testing::HasSubstr;

class Import : public testing::Test {
  protected:
    std::string npy(const std::string& name, std::vector<std::int64_t> shape, const std::vector<double>& values) {
        return scratch_.file(name, io::encodeNpy<double>(shape, values)).string();
    }
    std::string words() { return scratch_.file("vocab.txt", "x\ny\nz\n").string(); }
    Result<TopicRun> run(const nlohmann::json& params) {
        warnings_.clear();
        const auto out = scratch_ / ("run" + std::to_string(++count_));
        const auto result = runTopicJob("topics.import", params, out, {}, [&](const nlohmann::json& event) {
            if (event["type"] == "warning") warnings_ += event["text"].get<std::string>() + "\n";
        });
        if (!result) return tl::unexpected(result.error());
        return readTopicRun(out);
    }
    void expectRow(std::span<const float> row, std::vector<double> wanted) {
        ASSERT_EQ(row.size(), wanted.size());
        for (std::size_t i = 0; i < row.size(); ++i) EXPECT_NEAR(row[i], wanted[i], 1e-6);
    }
    io::Scratch scratch_;
    std::string warnings_;
    int count_ = 0;
};

TEST_F(Import, ProbabilitiesAsTheyAre) {
    const auto run = this->run({{"theta", npy("t.npy", {2, 2}, {0.25, 0.75, 1, 0})}, {"beta", npy("b.npy", {2, 3}, {0.5, 0.5, 0, 0, 0, 1})}, {"vocab", words()}, {"model", "theirs"}});
    ASSERT_TRUE(run) << run.error().text();
    expectRow(run->theta.row(0), {0.25, 0.75});
    expectRow(run->beta.row(1), {0, 0, 1});
    EXPECT_EQ(run->record["model"], "theirs");
    EXPECT_EQ(warnings_, "");
}

TEST_F(Import, LogitsAreRecognisedAndCountsAreScaled) {
    const auto run = this->run({{"theta", npy("t.npy", {1, 2}, {3, 1})}, {"beta", npy("b.npy", {2, 3}, {std::log(2.0) - 5, -5, -5, 0, 0, 0})}, {"vocab", words()}});
    ASSERT_TRUE(run) << run.error().text();
    expectRow(run->beta.row(0), {0.5, 0.25, 0.25});
    expectRow(run->theta.row(0), {0.75, 0.25});
    EXPECT_THAT(warnings_, testing::AllOf(HasSubstr("taken as logits"), HasSubstr("1 rows of theta did not sum to 1")));
    EXPECT_THAT(this->run({{"theta", npy("t.npy", {1, 2}, {3, 1})}, {"beta", npy("b.npy", {2, 3}, {1, 0, 0, 0, 1, 0})}, {"vocab", words()}, {"values", "probabilities"}}).error().text(), HasSubstr("do not sum to 1"));
    EXPECT_THAT(this->run({{"theta", npy("t.npy", {1, 2}, {1, -1})}, {"beta", npy("b.npy", {2, 3}, {1, 0, 0, 0, 1, 0})}, {"vocab", words()}, {"values", "counts"}}).error().text(), HasSubstr("negative"));
}

TEST_F(Import, NpzFortranAndTurnedMatrices) {
    // beta saved as V x K in Fortran order of float64: NumPy's .T of a C matrix.
    std::string fortran = io::encodeNpy<double>(std::vector<std::int64_t>{3, 2}, std::vector<double>{0.5, 0.5, 0, 0, 0, 1});
    fortran.replace(fortran.find("False"), 5, "True ");
    scratch_.file("b.npy", fortran);
    ASSERT_TRUE(io::writeNpz(scratch_ / "t.npz", {{"theta", io::encodeNpy<float>(std::vector<std::int64_t>{2, 2}, std::vector<float>{0.25f, 0.75f, 1, 0})}}));
    const auto run = this->run({{"theta", (scratch_ / "t.npz").string()}, {"beta", (scratch_ / "b.npy").string()}, {"vocab", words()}});
    ASSERT_TRUE(run) << run.error().text();
    expectRow(run->beta.row(0), {0.5, 0.5, 0});
    EXPECT_THAT(warnings_, HasSubstr("Beta was saved the other way round"));
}

TEST_F(Import, EmptyTopicsBecomeUniform) {
    const auto run = this->run({{"theta", npy("t.npy", {1, 2}, {1, 0})}, {"beta", npy("b.npy", {2, 3}, {1, 0, 0, 0, 0, 0})}, {"vocab", words()}});
    ASSERT_TRUE(run) << run.error().text();
    expectRow(run->beta.row(1), {1.0 / 3, 1.0 / 3, 1.0 / 3});
    EXPECT_THAT(warnings_, HasSubstr("1 rows of beta have no weight"));
}

TEST_F(Import, ShapesThatDoNotFit) {
    const std::string beta = npy("b.npy", {2, 3}, {0.5, 0.5, 0, 0, 0, 1});
    EXPECT_THAT(run({{"theta", npy("t.npy", {1, 3}, {1, 0, 0})}, {"beta", beta}, {"vocab", words()}}).error().text(), HasSubstr("Theta has 3 topics, beta 2"));
    EXPECT_THAT(run({{"theta", npy("t.npy", {2}, {1, 0})}, {"beta", beta}, {"vocab", words()}}).error().text(), HasSubstr("has the shape (2)"));
    EXPECT_THAT(run({{"theta", npy("t.npy", {1, 2}, {1, 0})}, {"beta", beta}, {"vocab", scratch_.file("v.txt", "a\n").string()}}).error().text(), HasSubstr("but there are 1 words"));
    EXPECT_THAT(run({{"theta", npy("t.npy", {1, 2}, {NAN, 0})}, {"beta", beta}, {"vocab", words()}}).error().text(), HasSubstr("not a finite number"));
    EXPECT_THAT(run({{"theta", npy("t.npy", {1, 2}, {1, 0})}, {"beta", beta}}).error().text(), HasSubstr("words of beta's columns"));
    EXPECT_THAT(run({{"theta", npy("t.npy", {1, 2}, {1, 0})}}).error().text(), HasSubstr("neither 'beta', 'keys' nor 'corpus'"));
}

TEST_F(Import, MalletFiles) {
    const auto weights = scratch_.file("weights.txt", "0\tx\t3.01\n0\ty\t0.01\n1\tx\t0.01\n1\ty\t1.01\n1\tz\t2.01\n").string();
    const auto keys = scratch_.file("keys.txt", "0\t0.5\tx y \n1\t1.5\tz y \n").string();
    const auto documents = scratch_.file("doc.txt", "0\tfile:/a\t0.25\t0.75\n1\tfile:/b\t1.0\t0.0\n").string();
    auto run = this->run({{"theta", documents}, {"beta", weights}, {"keys", keys}});
    ASSERT_TRUE(run) << run.error().text();
    expectRow(run->theta.row(0), {0.25, 0.75});
    EXPECT_NEAR(run->beta(0, 0), 3.01 / 3.02, 1e-6);
    EXPECT_EQ(run->documents.ids, (std::vector<std::string>{"file:/a", "file:/b"}));
    EXPECT_EQ(run->record["alpha"][1], 1.5);
    // Older versions list pairs, largest first, after a header.
    const auto older = scratch_.file("old.txt", "#doc name topic proportion ...\n0 a 1 0.75 0 0.25\n1 b 0 0.6 1 0.4\n").string();
    run = this->run({{"theta", older}, {"keys", keys}});
    ASSERT_TRUE(run) << run.error().text();
    expectRow(run->theta.row(0), {0.25, 0.75});
    expectRow(run->theta.row(1), {0.6, 0.4});
    EXPECT_EQ(readFile(scratch_ / "run2/topics.txt").value(), "x y z\nz y x\n");
    EXPECT_THAT(warnings_, HasSubstr("by rank"));
    EXPECT_THAT(this->run({{"theta", scratch_.file("bad.txt", "0 a b 0.75 0 0.25\n").string()}, {"keys", keys}}).error().text(), HasSubstr("line 1"));
}

TEST_F(Import, TablesOfOthers) {
    const auto theta = scratch_.file("t.csv", "document,topic0,topic1\na,0.2,0.8\nb,1,0\n").string();
    const auto wide = scratch_.file("b.csv", ",x,y,z\n0,0.5,0.5,0\n1,0,0,1\n").string();
    auto run = this->run({{"theta", theta}, {"beta", wide}});
    ASSERT_TRUE(run) << run.error().text();
    EXPECT_EQ(run->vocabulary, (std::vector<std::string>{"x", "y", "z"}));
    expectRow(run->theta.row(0), {0.2, 0.8});
    EXPECT_EQ(run->documents.ids[1], "b");
    const auto longer = scratch_.file("l.csv", "topic,word,prob\n0,x,0.5\n0,y,0.5\n1,z,1\n").string();
    run = this->run({{"theta", scratch_.file("plain.csv", "0,1\n0.2,0.8\n").string()}, {"beta", longer}});
    ASSERT_TRUE(run) << run.error().text();
    expectRow(run->beta.row(1), {0, 0, 1});
    EXPECT_THAT(this->run({{"theta", scratch_.file("bad.csv", "a,b\n0.2,nan\n").string()}, {"beta", longer}}).error().text(), HasSubstr("is not a finite number"));
}

TEST_F(Import, WordsFromTheCorpusWhenTheRunHasNone) {
    ASSERT_TRUE(runTopicJob("topics.preprocess", {{"input", scratch_.file("c.txt", "x x y\nz\n").string()}, {"tokenizer", "spaces"}, {"stop_words", "none"}, {"min_token_length", 1}}, scratch_ / "corpus"));
    const auto run = this->run({{"theta", npy("t.npy", {2, 2}, {1, 0, 0, 1})}, {"corpus", (scratch_ / "corpus").string()}});
    ASSERT_TRUE(run) << run.error().text();
    expectRow(run->beta.row(0), {2.0 / 3, 1.0 / 3, 0});
    expectRow(run->beta.row(1), {0, 0, 1});
    EXPECT_THAT(warnings_, HasSubstr("estimated from theta and the corpus"));
    EXPECT_THAT(this->run({{"theta", npy("t.npy", {3, 2}, {1, 0, 0, 1, 1, 0})}, {"corpus", (scratch_ / "corpus").string()}}).error().text(), HasSubstr("Theta has 3 rows"));
}

}  // namespace
}  // namespace driftscope::topics
