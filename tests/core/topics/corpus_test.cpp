#include <gmock/gmock.h>

#include "core/base/atomic_file.h"
#include "core/io/npz.h"
#include "core/topics/data/corpus_folder.h"
#include "core/topics/data/topic_run.h"
#include "tests/core/io/scratch.h"
#include "tests/core/topics/topic_files.h"

namespace driftscope::topics {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Preprocessed labelled() {
    RawCorpus raw;
    raw.prepared = true;
    raw.levels = {"topic", "subtopic"};
    raw.documents = {{"a", "x y x", 0, Split::Train, {"one", ""}}, {"b,\"q\"", "y z", 1, Split::Test, {"two", "deep"}}, {"ü", "x", 2, Split::Train, {"one", "deep"}}};
    return preprocess(std::move(raw), PreprocessRules::forPreparedText()).value();
}

TEST(CorpusFolder, RoundTrips) {
    const io::Scratch scratch;
    const Preprocessed made = labelled();
    ASSERT_TRUE(writeCorpus(scratch / "c", made.corpus, made.texts, {{"source", "here"}}));
    const auto back = readCorpus(scratch / "c");
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(back->vocabulary, made.corpus.vocabulary);
    EXPECT_EQ(back->words, made.corpus.words);
    EXPECT_EQ(back->offsets, made.corpus.offsets);
    EXPECT_THAT(back->ids, ElementsAre("a", "b,\"q\"", "ü"));
    EXPECT_THAT(back->splits, ElementsAre(Split::Train, Split::Test, Split::Train));
    ASSERT_EQ(back->levels.size(), 2u);
    EXPECT_EQ(back->level("subtopic")->categories.at(0), "");
    EXPECT_EQ(back->level("subtopic")->categories.at(1), "deep");
    EXPECT_EQ(back->contentHash(), made.corpus.contentHash());
    const auto texts = readCorpusTexts(scratch / "c", *back);
    ASSERT_TRUE(texts) << texts.error().text();
    EXPECT_EQ(texts->texts, made.texts.texts);
    for (std::size_t d = 0, i = 0; d < back->documents(); ++d)
        for (const std::uint32_t word : back->document(d)) {
            const TokenSpan span = texts->spans[i++];
            EXPECT_EQ(texts->texts[d].substr(span.begin, span.end - span.begin), back->vocabulary[word]);
        }
}

TEST(CorpusFolder, WritesTheMatrixForPython) {
    const io::Scratch scratch;
    const Preprocessed made = labelled();
    ASSERT_TRUE(writeCorpus(scratch / "c", made.corpus, made.texts, {}));
    auto arrays = io::readNpz(scratch / "c/dtm.npz");
    ASSERT_TRUE(arrays) << arrays.error().text();
    EXPECT_EQ((*arrays)["shape"].values, (std::vector<double>{3, 3}));
    EXPECT_EQ((*arrays)["indptr"].values, (std::vector<double>{0, 2, 4, 5}));
    EXPECT_EQ((*arrays)["data"].values, (std::vector<double>{2, 1, 1, 1, 1}));
}

TEST(CorpusFolder, NoticesDamage) {
    const io::Scratch scratch;
    const Preprocessed made = labelled();
    ASSERT_TRUE(writeCorpus(scratch / "c", made.corpus, made.texts, {}));
    const std::vector<std::uint32_t> other{0, 1, 1, 1, 2, 0};
    const std::vector<std::int64_t> shape{6};
    const std::string good = readFile(scratch / "c/tokens.npy").value();
    ASSERT_TRUE(writeFileAtomically(scratch / "c/tokens.npy", io::encodeNpy<std::uint32_t>(shape, other)));
    EXPECT_THAT(readCorpus(scratch / "c").error().text(), HasSubstr("content hash"));
    const std::vector<std::uint32_t> outside{0, 1, 0, 1, 2, 9};
    ASSERT_TRUE(writeFileAtomically(scratch / "c/tokens.npy", io::encodeNpy<std::uint32_t>(shape, outside)));
    EXPECT_THAT(readCorpus(scratch / "c").error().text(), HasSubstr("value 5 is 9"));
    ASSERT_TRUE(writeFileAtomically(scratch / "c/tokens.npy", good.substr(0, good.size() - 4)));
    EXPECT_THAT(readCorpus(scratch / "c").error().text(), HasSubstr("tokens.npy"));
    EXPECT_THAT(readCorpus(scratch / "none").error().text(), HasSubstr("topics.preprocess"));
}

TEST(Vocabulary, MustNumberEveryTermOnce) {
    const io::Scratch scratch;
    EXPECT_EQ(readVocabulary(scratch.file("v.json", R"({"b": 0, "a": 1})")).value(), (std::vector<std::string>{"b", "a"}));
    EXPECT_THAT(readVocabulary(scratch.file("v.json", R"({"b": 0, "a": 0})")).error().text(), HasSubstr("once each"));
    EXPECT_THAT(readVocabulary(scratch.file("v.json", R"({"b": 0, "a": 2})")).error().text(), HasSubstr("0 to 1"));
}

TEST(TopicRun, RoundTripsAndRefusesWrongShapes) {
    const io::Scratch scratch;
    TopicRun run;
    run.beta = Matrix(2, 3);
    run.beta.values = {0.5f, 0.25f, 0.25f, 0.1f, 0.1f, 0.8f};
    run.theta = Matrix(2, 2);
    run.theta.values = {0.5f, 0.5f, 0.1f, 0.9f};
    run.vocabulary = {"p", "q", "r"};
    run.record = {{"model", "lda"}};
    ASSERT_TRUE(writeTopicRun(scratch / "r", run));
    const auto back = readTopicRun(scratch / "r");
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(back->beta.values, run.beta.values);
    EXPECT_EQ(back->record["model"], "lda");
    // Ties go to the smaller word id and the smaller topic.
    EXPECT_EQ(readFile(scratch / "r/topics.txt").value(), "p q r\nr p q\n");
    EXPECT_THAT(hardAssignments(back->theta), ElementsAre(0, 1));
    ASSERT_TRUE(writeMatrix(scratch / "r/theta.npy", Matrix(2, 3)));
    EXPECT_THAT(readTopicRun(scratch / "r").error().text(), HasSubstr("theta has 3 topics, beta 2"));
    run.theta.values[1] = std::numeric_limits<float>::quiet_NaN();
    ASSERT_TRUE(writeMatrix(scratch / "r/theta.npy", run.theta));
    EXPECT_THAT(readTopicRun(scratch / "r").error().text(), HasSubstr("row 0, column 1 is not a finite number"));
}

TEST(Npz, RefusesWhatIsCutOffOrDamaged) {
    const io::Scratch scratch;
    const std::string whole = readFile(kTestTopics / "dtm/train.dtm.npz").value();
    ASSERT_TRUE(io::readNpz(scratch.file("a.npz", whole)));
    for (const std::size_t length : {std::size_t{0}, std::size_t{3}, whole.size() / 2, whole.size() - 1})
        EXPECT_THAT(io::readNpz(scratch.file("a.npz", whole.substr(0, length))).error().text(), HasSubstr("not a valid .npz")) << length;
    std::size_t refused = 0;
    for (std::size_t at = 0; at < whole.size(); at += 7) {
        std::string bad = whole;
        bad[at] = static_cast<char>(bad[at] ^ 0x5A);
        refused += !io::readNpz(scratch.file("a.npz", bad)).has_value();  // never a crash; names and dates may change unnoticed
    }
    EXPECT_GT(refused, whole.size() / 7 / 2);
}

}  // namespace
}  // namespace driftscope::topics
