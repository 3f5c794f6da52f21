#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/llm/text/tokenizer_files.h"

namespace driftscope::llm {
namespace {

/// Changes a good tokenizer.json and expects an error that says these words.
void expectRefused(const std::function<void(json&)>& damage, const std::vector<std::string>& words, const std::string& base = "stories") {
    const io::Scratch scratch;
    json content = base == "stories" ? dataJson("stories260K_hf/tokenizer.json")
                                     : tokenizerJson("gpt2", json::object(), {{"pre_tokenizer", {{"type", "ByteLevel"}}}});
    damage(content);
    const auto tokenizer = openJson(scratch, content);
    ASSERT_FALSE(tokenizer.has_value()) << words[0];
    for (const std::string& word : words) EXPECT_NE(tokenizer.error().text().find(word), std::string::npos) << tokenizer.error().text();
    EXPECT_NE(tokenizer.error().text().find("tokenizer.json"), std::string::npos) << tokenizer.error().text();
}

TEST(DamagedTokenizerJson, IsRefusedWithThePlace) {
    expectRefused([](json& t) { t["model"]["merges"][3] = "he qq"; }, {"merge 4", "'qq'"});
    expectRefused([](json& t) { t["model"]["merges"][5] = "loneword"; }, {"merge 6", "loneword"});
    expectRefused([](json& t) { t["model"]["merges"][5] = {"a", 3}; }, {"merge 6"});
    expectRefused([](json& t) { t["model"]["merges"][0] = "▁t he "; }, {"merge 1"});
    expectRefused([](json& t) { t["model"]["vocab"]["the"] = 7; }, {"id 7", "'the'"});
    expectRefused([](json& t) { t["model"]["vocab"]["new"] = -4; }, {"'new'"});
    expectRefused([](json& t) { t["model"]["vocab"]["new"] = 4000000000u; }, {"'new'"});
    expectRefused([](json& t) { t["model"]["vocab"]["new"] = 18446744073709551615u; }, {"'new'"});
    expectRefused([](json& t) { t["model"]["vocab"]["new"] = "7"; }, {"'new'"});
    expectRefused([](json& t) { t["model"]["vocab"]["new"] = 1.5; }, {"'new'"});
    expectRefused([](json& t) { t["model"]["vocab"][""] = 700; }, {"empty token"});
    expectRefused([](json& t) { t["model"]["vocab"] = json::array({"a"}); }, {"vocabulary"});
    expectRefused([](json& t) { t.erase("model"); }, {"vocabulary"});
    expectRefused([](json& t) { t["model"]["type"] = "Unigram"; }, {"Unigram"});
    expectRefused([](json& t) { t["model"]["unk_token"] = "<nope>"; }, {"<nope>"});
    expectRefused([](json& t) { t["model"]["dropout"] = 0.1; }, {"dropout"});
    expectRefused([](json& t) { t["model"]["end_of_word_suffix"] = "</w>"; }, {"end_of_word_suffix"});
    expectRefused([](json& t) { t["normalizer"] = {{"type", "Precompiled"}}; }, {"Precompiled"});
    expectRefused([](json& t) { t["normalizer"]["normalizers"][1]["pattern"] = {{"Regex", "(["}}; }, {"(["});
    expectRefused([](json& t) { t["normalizer"]["normalizers"][1]["pattern"] = 3; }, {"pattern"});
    expectRefused([](json& t) { t["pre_tokenizer"] = {{"type", "Magic"}}; }, {"Magic"});
    expectRefused(
        [](json& t) {
            t["pre_tokenizer"] = {{"type", "Split"}, {"pattern", {{"String", "a"}}}, {"behavior", "Sideways"}};
        },
        {"Sideways"});
    expectRefused([](json& t) { t["decoder"] = {{"type", "WordPiece"}}; }, {"WordPiece"});
    expectRefused([](json& t) { t["post_processor"]["special_tokens"]["<s>"]["ids"][0] = 9999; }, {"9999"});
    expectRefused([](json& t) { t["post_processor"]["single"] = json::array(); }, {"0 times"});
    expectRefused([](json& t) { t["added_tokens"][1]["id"] = 77; }, {"'<s>'", "77"});
    expectRefused([](json& t) { t["added_tokens"][1]["id"] = -1; }, {"-1"});
    expectRefused([](json& t) { t["added_tokens"][1]["content"] = ""; }, {"added token"});
    expectRefused([](json& t) { t["added_tokens"].push_back({{"id", 5}, {"content", "<new>"}}); }, {"id 5", "<new>"});
    expectRefused([](json& t) { t["model"]["merges"][7] = "Ġ nothere"; }, {"merge 8"}, "gpt2");
}

TEST(DamagedTokenizerJson, TruncationAndNoiseNeverCrash) {
    const io::Scratch scratch;
    const std::string good = readFile(dataPath("stories260K_hf/tokenizer.json")).value();
    std::uint64_t state = 7;
    const auto random = [&](std::size_t n) {
        return static_cast<std::size_t>((state = state * 6364136223846793005u + 1442695040888963407u) >> 33) % n;
    };
    for (int round = 0; round < 150; ++round) {
        std::string damaged = round % 3 == 0 ? good.substr(0, random(good.size())) : good;
        if (!damaged.empty() && round % 3 > 0)
            for (int k = 0; k < 4; ++k) damaged[random(damaged.size())] = static_cast<char>(random(256));
        const auto tokenizer = Tokenizer::open(scratch.file("tokenizer.json", damaged));
        if (tokenizer)
            (void)tokenizer->encode("Once upon a time");
        else
            EXPECT_FALSE(tokenizer.error().message.empty());
    }
}

TEST(LyingTokenizerJson, CostsNeitherTimeNorMemory) {
    const io::Scratch scratch;
    json content = dataJson("stories260K_hf/tokenizer.json");
    for (int i = 0; i < 20'000; ++i)
        content["added_tokens"].push_back({{"id", 600 + i}, {"content", "<extra_" + std::to_string(i) + ">"}, {"normalized", false}});
    const Tokenizer many = openJson(scratch, content).value();
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "<extra_" + std::to_string(i * 7) + "><";
    EXPECT_EQ(std::ranges::count_if(many.ids(text).value(), [](TokenId id) { return id >= 600; }), 2000);
    content = dataJson("stories260K_hf/tokenizer.json");
    content["model"]["vocab"][std::string(4'000'000, 'x')] = 512;
    EXPECT_TRUE(openJson(scratch, content).has_value());
    std::string deep = "{\"normalizer\": ";
    for (int i = 0; i < 5000; ++i) deep += "{\"type\": \"Sequence\", \"normalizers\": [";
    EXPECT_NE(Tokenizer::open(scratch.file("tokenizer.json", deep)).error().message.find("deeper"), std::string::npos);
    // A protobuf length that claims more than the file has.
    EXPECT_FALSE(Tokenizer::open(scratch.file("t.model", "\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F")).has_value());
}

TEST(DamagedSentencePiece, NeverCrashes) {
    const io::Scratch scratch;
    const std::string good = readFile(dataPath("sentencepiece/llama.model")).value();
    std::uint64_t state = 11;
    const auto random = [&](std::size_t n) {
        return static_cast<std::size_t>((state = state * 6364136223846793005u + 1442695040888963407u) >> 33) % n;
    };
    int refused = 0;
    for (int round = 0; round < 300; ++round) {
        std::string damaged = round % 3 == 0 ? good.substr(0, random(good.size())) : good;
        if (!damaged.empty() && round % 3 > 0) damaged[random(damaged.size())] = static_cast<char>(random(256));
        const auto tokenizer = Tokenizer::open(scratch.file("tokenizer.model", damaged));
        refused += !tokenizer.has_value();
        if (tokenizer)
            (void)tokenizer->encode("Once upon a time");
        else
            EXPECT_NE(tokenizer.error().message.find("tokenizer.model"), std::string::npos);
    }
    EXPECT_GT(refused, 100);
    const auto unigram = Tokenizer::open(dataPath("sentencepiece/unigram.model"));
    ASSERT_FALSE(unigram.has_value());
    EXPECT_NE(unigram.error().message.find("type 1"), std::string::npos);
    const auto mapped = Tokenizer::open(dataPath("sentencepiece/mapped.model"));
    ASSERT_FALSE(mapped.has_value());
    EXPECT_NE(mapped.error().message.find("user_defined"), std::string::npos);
}

TEST(DamagedFiles, NameLineAndFile) {
    const io::Scratch scratch;
    const auto refused = [&](std::string_view words) {
        const auto tokenizer = Tokenizer::open(scratch.path());
        ASSERT_FALSE(tokenizer.has_value());
        EXPECT_NE(tokenizer.error().text().find(words), std::string::npos) << tokenizer.error().text();
    };
    refused("There is no tokenizer");
    scratch.file("vocab.json", R"({"a": 0, "b": 1, "ab": 2})");
    refused("There is no tokenizer");
    scratch.file("merges.txt", "#version: 0.2\na b\nab\n");
    refused("merges.txt line 3");
    scratch.file("merges.txt", "#version: 0.2\na b\nab c\n");
    refused("merge 2");
    scratch.file("tokenizer.model", "aGVsbG8= 0\n!!! 1\n");
    refused("line 2");
    scratch.file("tokenizer.model", "aGVsbG8= 0\n");
    refused("no published vocabulary");
    scratch.file("tokenizer.model", "version https://git-lfs.github.com/spec/v1\n");
    refused("no SentencePiece model");
    EXPECT_EQ(Tokenizer::open(scratch / "nothing").error().code, ErrorCode::NotFound);
}

TEST(BadText, IsNamed) {
    const Tokenizer tokenizer = Tokenizer::open(dataPath("stories260K_hf")).value();
    const auto bad = tokenizer.encode("caf\xE9 au lait");
    ASSERT_FALSE(bad.has_value());
    EXPECT_NE(bad.error().message.find("byte 3"), std::string::npos);
    for (const char* text : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "a\xE2\x82", "\x80", "\xFF"})
        EXPECT_FALSE(tokenizer.ids(text).has_value());
    const std::vector<TokenId> ids{-1, 99999, 410};
    EXPECT_EQ(tokenizer.decode(ids), "\xEF\xBF\xBD\xEF\xBF\xBD ");
}

TEST(BadText, WithoutUnknownTokenNamesTheCharacter) {
    const io::Scratch scratch;
    const auto tokenizer = openJson(
        scratch, {{"model", {{"type", "WordLevel"}, {"vocab", {{"hello", 0}}}}}, {"pre_tokenizer", {{"type", "WhitespaceSplit"}}}});
    EXPECT_EQ(tokenizer.value().ids("hello hello").value(), (std::vector<TokenId>{0, 0}));
    EXPECT_NE(tokenizer.value().ids("hello moon").error().message.find("'moon'"), std::string::npos);
}

}  // namespace
}  // namespace driftscope::llm
