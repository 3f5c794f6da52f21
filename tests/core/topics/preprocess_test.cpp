#include <gmock/gmock.h>

#include "core/topics/data/preprocess.h"
#include "core/topics/data/stop_words.h"
#include "tests/core/io/scratch.h"
#include "tests/core/topics/topic_files.h"

namespace driftscope::topics {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

RawCorpus rawOf(std::initializer_list<const char*> texts) {
    RawCorpus raw;
    for (const char* text : texts) raw.documents.push_back({std::to_string(raw.documents.size()), text, 0, std::nullopt, {}});
    return raw;
}

std::vector<std::string> wordsOf(const Corpus& corpus, std::size_t d) {
    std::vector<std::string> words;
    for (const std::uint32_t word : corpus.document(d)) words.push_back(corpus.vocabulary[word]);
    return words;
}

std::uint64_t sumOf(const std::vector<std::pair<std::string, std::uint64_t>>& counts) {
    std::uint64_t sum = 0;
    for (const auto& [reason, count] : counts) sum += count;
    return sum;
}

TEST(Preprocess, CutsPlainTextByTheRecipe) {
    const auto made = preprocess(rawOf({"The Prime Minister’s well-known CAT, the dog's 3 cats; naïve x don't!"}), PreprocessRules::forPlainText(1));
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_THAT(wordsOf(made->corpus, 0), ElementsAre("prime", "minister", "known", "cat", "dog", "cats", "naïve"));
    EXPECT_THAT(made->report.tokensDropped, testing::UnorderedElementsAre(Pair("does not match the token pattern", 1), Pair("too short", 1), Pair("stop word", 4)));
    EXPECT_EQ(made->report.tokensRead, made->corpus.tokens() + sumOf(made->report.tokensDropped));
    const TokenSpan span = made->texts.spans[1];
    EXPECT_EQ(made->texts.texts[0].substr(span.begin, span.end - span.begin), "Minister’s");
}

TEST(Preprocess, CutsScriptsWithoutBlanks) {
    PreprocessRules rules = PreprocessRules::forPlainText(1);
    rules.tokens.language = "ja";
    rules.tokens.minimumLength = 1;
    rules.stopWords = "none";
    const auto made = preprocess(rawOf({"東京の大学。"}), rules);
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_THAT(wordsOf(made->corpus, 0), ElementsAre("東京", "の", "大学"));
}

TEST(Preprocess, DropsByDocumentFrequencyAndExplainsEach) {
    PreprocessRules rules = PreprocessRules::forPreparedText();
    rules.minimumDocuments = 2;
    rules.maximumShare = 0.75;
    const auto made = preprocess(rawOf({"all a b", "all a c", "all b once", "all"}), rules);
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_THAT(made->corpus.vocabulary, ElementsAre("a", "b"));
    EXPECT_EQ(made->corpus.documents(), 3u);
    EXPECT_THAT(made->report.documentsDropped, ElementsAre(Pair("no words left", 1)));
    EXPECT_THAT(made->report.wordsDropped, ElementsAre(Pair("in fewer than 2 documents", 2), Pair("in more than 75 % of the documents", 1)));
    EXPECT_THAT(made->report.dropped.rows, testing::Contains(ElementsAre("word", "all", "in more than 75 % of the documents", "4")));
    EXPECT_THAT(made->report.dropped.rows, testing::Contains(ElementsAre("document", "3", "no words left", "0")));
    EXPECT_EQ(made->report.tokensRead, made->corpus.tokens() + sumOf(made->report.tokensDropped));
    // The row of a document stays that of the source.
    EXPECT_EQ(made->corpus.ids, (std::vector<std::string>{"0", "1", "2"}));
}

TEST(Preprocess, CapsTheVocabularyByDocuments) {
    PreprocessRules rules = PreprocessRules::forPreparedText();
    rules.vocabularySize = 2;
    const auto made = preprocess(rawOf({"a b c c c", "a b", "a"}), rules);
    ASSERT_TRUE(made);
    EXPECT_THAT(made->corpus.vocabulary, ElementsAre("a", "b"));
}

TEST(Preprocess, WordsOfDroppedDocumentsLeaveTheVocabulary) {
    PreprocessRules rules = PreprocessRules::forPreparedText();
    rules.minimumTokens = 2;
    const auto made = preprocess(rawOf({"lonely", "a b"}), rules);
    ASSERT_TRUE(made);
    EXPECT_THAT(made->corpus.vocabulary, ElementsAre("a", "b"));
    EXPECT_EQ(made->report.tokensRead, made->corpus.tokens() + sumOf(made->report.tokensDropped));
}

TEST(Preprocess, Stems) {
    PreprocessRules rules = PreprocessRules::forPlainText(1);
    rules.stemmer = "english";
    const auto made = preprocess(rawOf({"running runs run runner"}), rules);
    ASSERT_TRUE(made);
    EXPECT_THAT(made->corpus.vocabulary, ElementsAre("run", "runner"));
    rules.stemmer = "klingon";
    EXPECT_THAT(preprocess(rawOf({"run"}), rules).error().text(), HasSubstr("english"));
}

TEST(Preprocess, JoinsPhrasesOnceAndOnlyNeighbours) {
    PreprocessRules rules = PreprocessRules::forPlainText(1);
    rules.phrases = true;
    rules.phraseRules = {3, 0.5};
    const auto made = preprocess(rawOf({"prime minister spoke", "prime minister left", "the prime minister came", "prime, minister", "prime time", "a green tree", "one red tree"}), rules);
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_EQ(made->report.phrases, 1u);
    EXPECT_THAT(wordsOf(made->corpus, 0), ElementsAre("prime_minister", "spoke"));
    EXPECT_THAT(wordsOf(made->corpus, 3), ElementsAre("prime", "minister"));
    const TokenSpan span = made->texts.spans[0];
    EXPECT_EQ(made->texts.texts[0].substr(span.begin, span.end - span.begin), "prime minister");
}

TEST(Preprocess, DrawsATestSetThatRepeats) {
    PreprocessRules rules = PreprocessRules::forPreparedText();
    rules.testShare = 0.25;
    RawCorpus raw;
    for (int i = 0; i < 40; ++i) raw.documents.push_back({std::to_string(i), "a b", i, std::nullopt, {}});
    const auto one = preprocess(raw, rules).value().corpus.splits;
    EXPECT_EQ(std::count(one.begin(), one.end(), Split::Test), 10);
    EXPECT_EQ(one, preprocess(raw, rules).value().corpus.splits);
    rules.seed = 7;
    EXPECT_NE(one, preprocess(raw, rules).value().corpus.splits);
}

TEST(Preprocess, SaysWhatLeftNothing) {
    const auto empty = preprocess(rawOf({"", " ", "the of"}), PreprocessRules::forPlainText(3));
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().code, ErrorCode::BadInput);
    EXPECT_THAT(empty.error().text(), HasSubstr("2 words stop word"));
}

TEST(StopWords, FromFileOrListed) {
    const io::Scratch scratch;
    EXPECT_EQ(stopWords(scratch.file("s.txt", "alpha beta # greek\n\ngamma\r\n").string()).value(), (std::set<std::string>{"alpha", "beta", "gamma"}));
    EXPECT_THAT(stopWords("/no/such").error().text(), HasSubstr("english"));
    EXPECT_TRUE(englishStopWords().contains("the"));
    EXPECT_FALSE(englishStopWords().contains("government"));
}

}  // namespace
}  // namespace driftscope::topics
