#include <gmock/gmock.h>

#include "core/base/atomic_file.h"
#include "core/io/npz.h"
#include "core/topics/data/corpus_folder.h"
#include "core/topics/data/raw_corpus.h"
#include "tests/core/io/scratch.h"
#include "tests/core/topics/topic_files.h"

namespace driftscope::topics {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string errorOf(const std::filesystem::path& input, const SourceOptions& options = {}) {
    const auto raw = readSource(input, options);
    EXPECT_FALSE(raw) << "no error for " << input;
    return raw ? std::string() : raw.error().text();
}

TEST(Sources, M10HasThePublishedSizes) {
    const Corpus corpus = readM10();
    EXPECT_EQ(corpus.documents(), 8355u);
    EXPECT_EQ(corpus.vocabulary.size(), 1696u);
    EXPECT_EQ(corpus.tokens(), 49385u);
    EXPECT_EQ(corpus.levels.at(0).categories.categories.size(), 10u);
    EXPECT_EQ(std::count(corpus.splits.begin(), corpus.splits.end(), Split::Test), 1254);
}

TEST(Sources, TextLinesAndFolders) {
    const io::Scratch scratch;
    const auto lines = readSource(scratch.file("t.txt", "\xEF\xBB\xBFone two\r\n\nthree"), {});
    ASSERT_TRUE(lines) << lines.error().text();
    ASSERT_EQ(lines->documents.size(), 3u);
    EXPECT_EQ(lines->documents[0].text, "one two");
    EXPECT_EQ(lines->documents[1].text, "");
    scratch.file("f/sport/d10.txt", "ten");
    scratch.file("f/sport/d9.txt", "nine");
    scratch.file("f/tech/a.txt", "a\nb");
    const auto folder = readSource(scratch / "f", {});
    ASSERT_TRUE(folder) << folder.error().text();
    EXPECT_THAT(folder->levels, ElementsAre("folder"));
    EXPECT_EQ(folder->documents[0].id, "sport/d9.txt");
    EXPECT_THAT(folder->documents[2].labels, ElementsAre("tech"));
    std::filesystem::create_directories(scratch / "e");
    EXPECT_THAT(errorOf(scratch / "e"), HasSubstr("no .txt files"));
}

TEST(Sources, CsvWithLevels) {
    const io::Scratch scratch;
    const auto file = scratch.file("d.csv", "id,body,topic,sub\nx,\"a, b\",1,\ny,c,2,q\n");
    const auto raw = readSource(file, {.textKey = "body", .labelKeys = {"topic", "sub"}});
    ASSERT_TRUE(raw) << raw.error().text();
    EXPECT_EQ(raw->documents[0].id, "x");
    EXPECT_EQ(raw->documents[0].text, "a, b");
    EXPECT_THAT(raw->documents[1].labels, ElementsAre("2", "q"));
    EXPECT_THAT(errorOf(file), HasSubstr("no column 'text'"));
    EXPECT_THAT(errorOf(file, {.textKey = "body", .labelKeys = {"colour"}}), HasSubstr("id, body, topic, sub"));
    EXPECT_THAT(errorOf(scratch.file("s.csv", "text,split\na,later\n")), HasSubstr("row 1: 'later' is not a split"));
}

TEST(Sources, JsonLinesWithMissingLabels) {
    const io::Scratch scratch;
    const auto raw = readSource(scratch.file("d.jsonl", "{\"text\": \"a b\", \"year\": 1999, \"split\": \"test\"}\n\n{\"text\": [\"c\", \"d\"], \"id\": 7}\n"), {.labelKeys = {"year"}});
    ASSERT_TRUE(raw) << raw.error().text();
    EXPECT_EQ(raw->documents[0].split, Split::Test);
    EXPECT_EQ(raw->documents[1].text, "c d");
    EXPECT_EQ(raw->documents[1].id, "7");
    EXPECT_THAT(raw->documents[0].labels, ElementsAre("1999"));
    EXPECT_THAT(raw->documents[1].labels, ElementsAre(""));
    EXPECT_THAT(raw->notes, testing::Contains("1 documents have no 'year'."));
    EXPECT_THAT(errorOf(scratch.file("e.jsonl", "{\"text\": \"a\"}\n{\"txt\": \"b\"}\n")), testing::AllOf(HasSubstr("line 2"), HasSubstr("txt")));
    EXPECT_THAT(errorOf(scratch.file("e.jsonl", "{\"text\": \"a\"\n")), HasSubstr("line 1 is not valid JSON"));
    EXPECT_THAT(errorOf(scratch.file("e.jsonl", "{\"text\": \"a\"}\n"), {.labelKeys = {"party"}}), HasSubstr("No document of"));
    EXPECT_THAT(errorOf(scratch.file("e.jsonl", "{\"text\": \"a\", \"l\": [1]}\n"), {.labelKeys = {"l"}}), HasSubstr("not one value"));
}

TEST(Sources, OctisRefusesWhatDoesNotFit) {
    const io::Scratch scratch;
    EXPECT_THAT(errorOf(scratch.file("c.tsv", "a b\tlater\tx\n"), {.format = "octis"}), HasSubstr("'later' is not a split"));
    EXPECT_THAT(errorOf(scratch.file("c.tsv", "a\tb\tc\td\n"), {.format = "octis"}), HasSubstr("4 columns"));
    const auto plain = readSource(scratch.file("c.tsv", "a b\ttrain\nc\ttest\n"), {});
    ASSERT_TRUE(plain) << plain.error().text();
    EXPECT_TRUE(plain->levels.empty());
    EXPECT_THAT(errorOf(scratch.file("empty.tsv", ""), {.format = "octis"}), HasSubstr("no documents"));
}

TEST(Sources, InvalidUtf8NamesTheByteOrIsReplaced) {
    const io::Scratch scratch;
    const auto file = scratch.file("t.txt", "good\nb\xE4" "d latin1\n");
    EXPECT_THAT(errorOf(file), testing::AllOf(HasSubstr("line 2: byte 2 is not valid UTF-8"), HasSubstr("iconv")));
    const auto replaced = readSource(file, {.replaceInvalid = true});
    ASSERT_TRUE(replaced);
    EXPECT_EQ(replaced->documents[1].text, "b\uFFFDd latin1");
    EXPECT_FALSE(firstInvalidUtf8("日本 ok"));
    EXPECT_EQ(firstInvalidUtf8("ab\xC3"), 2u);
}

TEST(Sources, MatrixFolderOfTheReference) {
    const auto raw = readSource(kTestTopics / "dtm", {.labelKeys = {"topic", "subtopic"}});
    ASSERT_TRUE(raw) << raw.error().text();
    ASSERT_EQ(raw->documents.size(), 5u);
    EXPECT_TRUE(raw->ordered);
    EXPECT_EQ(raw->documents[0].text, "cat apple cat");
    EXPECT_EQ(raw->documents[2].text, "dog_house apple bank");  // words outside the vocabulary are not in the matrix
    EXPECT_EQ(raw->documents[3].split, Split::Test);
    EXPECT_THAT(raw->documents[4].labels, ElementsAre("war", "x"));
    EXPECT_THAT(raw->documents[1].labels, ElementsAre("money", ""));
}

TEST(Sources, MatrixWithoutTextsKeepsCounts) {
    const io::Scratch scratch;
    for (const char* name : {"train.dtm.npz", "vocab.json"}) scratch.file(std::string("d/") + name, readFile(kTestTopics / "dtm" / name).value());
    const auto raw = readSource(scratch / "d", {});
    ASSERT_TRUE(raw) << raw.error().text();
    EXPECT_FALSE(raw->ordered);
    EXPECT_EQ(raw->documents[0].text, "apple cat cat");
}

TEST(Sources, MatrixRefusesWhatDoesNotFit) {
    const io::Scratch scratch;
    const auto make = [&](const char* name, std::vector<double> indices, std::vector<double> borders, std::vector<double> data, std::vector<double> shape) {
        const auto array = [](const std::vector<double>& v) {
            const std::vector<std::int64_t> length{static_cast<std::int64_t>(v.size())};
            return io::encodeNpy<double>(length, v);
        };
        scratch.file(std::string(name) + "/vocab.json", R"({"a": 0, "b": 1})");
        EXPECT_TRUE(io::writeNpz(scratch / (std::string(name) + "/train.dtm.npz"), {{"indices", array(indices)}, {"indptr", array(borders)}, {"data", array(data)}, {"shape", array(shape)}}));
        return errorOf(scratch / name);
    };
    EXPECT_THAT(make("columns", {0}, {0, 1}, {1}, {1, 3}), HasSubstr("3 columns, but vocab.json has 2"));
    EXPECT_THAT(make("outside", {2}, {0, 1}, {1}, {1, 2}), HasSubstr("column 2 lies outside"));
    EXPECT_THAT(make("borders", {0, 1}, {0, 5}, {1, 1}, {1, 2}), HasSubstr("row borders"));
    EXPECT_THAT(make("rows", {0, 1}, {0, 2}, {1, 1}, {5, 2}), HasSubstr("2 row borders for 5 rows"));
    EXPECT_THAT(make("counts", {0}, {0, 1}, {0.5}, {1, 2}), HasSubstr("not a count"));
    const std::string whole = readFile(kTestTopics / "dtm/train.dtm.npz").value();
    scratch.file("cut/vocab.json", readFile(kTestTopics / "dtm/vocab.json").value());
    scratch.file("cut/train.dtm.npz", whole.substr(0, whole.size() / 2));
    EXPECT_THAT(errorOf(scratch / "cut"), testing::AllOf(HasSubstr("train.dtm.npz"), HasSubstr("cut off")));
    scratch.file("short/vocab.json", readFile(kTestTopics / "dtm/vocab.json").value());
    scratch.file("short/train.dtm.npz", whole);
    scratch.file("short/train.metadata.jsonl", "{\"tokenized_text\": \"a\"}\n");
    EXPECT_THAT(errorOf(scratch / "short"), HasSubstr("describes 1 documents"));
}

TEST(PreprocessJob, WritesACorpusAndItsLosses) {
    const io::Scratch scratch;
    const auto input = scratch.file("d.csv", "text,party,split\nThe cat sat on the mat,left,train\n,left,train\nA dog and a cat,,train\nDogs bark,green,test\n");
    int warnings = 0;
    std::string text;
    const auto result = runTopicJob("topics.preprocess", {{"input", input.string()}, {"label_keys", {"party"}}}, scratch / "c", {}, [&](const nlohmann::json& event) {
        if (event["type"] == "warning") {
            ++warnings;
            text += event["text"].get<std::string>() + "\n";
        }
    });
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ((*result)["documents"], 3);
    EXPECT_THAT(text, HasSubstr("1 documents were dropped: no words left"));
    EXPECT_THAT(text, HasSubstr("1 categories of 'party' occur outside the training documents only"));
    EXPECT_THAT(text, HasSubstr("1 documents have no 'party'"));
    EXPECT_EQ(warnings, 3);
    EXPECT_THAT(readFile(scratch / "c/dropped.csv").value(), HasSubstr("document,1,no words left,0"));
    const auto corpus = readCorpus(scratch / "c");
    ASSERT_TRUE(corpus) << corpus.error().text();
    EXPECT_EQ(readCorpusTexts(scratch / "c", *corpus)->texts[0], "The cat sat on the mat");
}

}  // namespace
}  // namespace driftscope::topics
