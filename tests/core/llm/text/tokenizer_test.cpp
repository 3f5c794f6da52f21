#include "core/llm/text/tokenizer.h"

#include <gtest/gtest.h>

#include "core/llm/text/byte_alphabet.h"
#include "tests/core/llm/text/tokenizer_files.h"

namespace driftscope::llm {
namespace {

std::string base64(const std::string& bytes) {
    static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
        for (std::size_t j = 0; j < 4; ++j) text.push_back(i + j <= bytes.size() ? kDigits[group >> (18 - 6 * j) & 63] : '=');
    }
    return text;
}

TEST(Gpt2Files, GiveTiktokensIds) {
    const Tokenizer tokenizer = Tokenizer::open(dataPath("gpt2_encoder")).value();
    const json vectors = dataJson("gpt2_encoder/r50k_vectors.json");
    ASSERT_EQ(vectors.size(), 64u);
    for (const json& one : vectors) {
        const std::string text = one["text"];
        EXPECT_EQ(tokenizer.ids(text).value(), one["ids"].get<std::vector<TokenId>>()) << text;
        EXPECT_EQ(tokenizer.decode(one["ids"].get<std::vector<TokenId>>()), text);
    }
    EXPECT_EQ(tokenizer.endOfSequence(), 50256);
    EXPECT_EQ(tokenizer.ids("<|endoftext|>").value(), std::vector<TokenId>{50256});
    EXPECT_GT(tokenizer.ids("<|endoftext|>", {.addSpecial = true, .parseSpecial = false}).value().size(), 1u);
}

TEST(TiktokenFile, GivesTheSameIds) {
    const io::Scratch scratch;
    const ByteAlphabet alphabet;
    std::string ranks;
    const json vocabulary = dataJson("gpt2_encoder/encoder.json");
    for (const auto& item : vocabulary.items())
        if (item.value() < 50256) ranks += base64(alphabet.read(item.key()).value()) + " " + std::to_string(item.value().get<int>()) + "\n";
    const Tokenizer tokenizer = Tokenizer::open(scratch.file("tokenizer.model", ranks)).value();
    for (const json& one : dataJson("gpt2_encoder/r50k_vectors.json"))
        EXPECT_EQ(tokenizer.ids(one["text"].get<std::string>()).value(), one["ids"].get<std::vector<TokenId>>()) << one["text"];
}

TEST(Stories260K, GivesTheIdsOfRunC) {
    const Tokenizer tokenizer = Tokenizer::open(dataPath("stories260K_hf")).value();
    for (const json& one : dataJson("stories260K_hf/run_c_ids.json"))
        EXPECT_EQ(tokenizer.ids(one["prompt"].get<std::string>()).value(), one["ids"].get<std::vector<TokenId>>()) << one["prompt"];
    EXPECT_EQ(tokenizer.vocabularySize(), 512);
    EXPECT_EQ(tokenizer.beginOfSequence(), 1);
    EXPECT_EQ(tokenizer.endOfSequence(), 2);
    EXPECT_EQ(tokenizer.unknown(), 0);
    EXPECT_EQ(tokenizer.piece(410), " ");
    EXPECT_EQ(tokenizer.piece(3 + '\n'), "\n");
    EXPECT_TRUE(tokenizer.checkFits(512).has_value());
    EXPECT_FALSE(tokenizer.checkFits(511).has_value());
}

TEST(Pipelines, EqualHuggingFacesTokenizers) {
    const json vectors = dataJson("vectors/tokenizer_vectors.json");
    const json& texts = vectors["texts"];
    for (const auto& [name, pipeline] : vectors["pipelines"].items()) {
        const io::Scratch scratch;
        const auto tokenizer = openJson(scratch, tokenizerJson(pipeline["base"], pipeline["model"], pipeline["rest"]));
        ASSERT_TRUE(tokenizer.has_value()) << name << ": " << tokenizer.error().text();
        const bool composes = pipeline["rest"]["normalizer"].dump().find("\"NF") != std::string::npos;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const std::string text = texts[i];
            const json& expected = pipeline["cases"][i];
            const auto wanted = expected["ids"].get<std::vector<TokenId>>();
            const Encoding encoding = tokenizer->encode(text).value();
            EXPECT_EQ(encoding.ids, wanted) << name << ": " << json(text);
            EXPECT_EQ(tokenizer->ids(text).value(), encoding.ids);
            EXPECT_EQ(tokenizer->decode(wanted), expected["decoded"].get<std::string>()) << name << ": " << json(text);
            EXPECT_EQ(tokenizer->decode(wanted, true), expected["plain"].get<std::string>()) << name << ": " << json(text);
            if (encoding.ids != wanted) continue;
            const auto offsets = expected["offsets"].get<std::vector<std::uint32_t>>();
            for (std::size_t t = 0; t < wanted.size(); ++t) {
                if (encoding.spans[t].begin == encoding.spans[t].end)
                    continue;  // inserted: the library gives it the neighbouring character
                const TextSpan span = toCodePoints(text, encoding.spans[t]);
                EXPECT_EQ(span.begin, offsets[2 * t]) << name << ": " << json(text) << " token " << t;
                // Of a character that NFC composed, the library keeps the base alone; ours covers its marks too.
                if (composes)
                    EXPECT_GE(span.end, offsets[2 * t + 1]) << name << ": " << json(text) << " token " << t;
                else
                    EXPECT_EQ(span.end, offsets[2 * t + 1]) << name << ": " << json(text) << " token " << t;
            }
        }
    }
}

TEST(SentencePieceFile, GivesTheLibrarysIds) {
    const json vectors = dataJson("sentencepiece/vectors.json");
    for (const auto& [name, cases] : vectors["models"].items()) {
        const Tokenizer tokenizer = Tokenizer::open(dataPath("sentencepiece/" + name + ".model")).value();
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const std::string text = vectors["texts"][i];
            EXPECT_EQ(tokenizer.ids(text, {.addSpecial = false, .parseSpecial = false}).value(), cases[i].get<std::vector<TokenId>>())
                << name << ": " << json(text);
        }
    }
    const Tokenizer llama = Tokenizer::open(dataPath("sentencepiece/llama.model")).value();
    EXPECT_EQ(llama.ids("").value(), std::vector<TokenId>{1});
    EXPECT_EQ(llama.ids("</s>", {.addSpecial = false}).value(), std::vector<TokenId>{2});
    EXPECT_EQ(llama.endOfSequence(), 2);
    EXPECT_FALSE(llama.padding().has_value());
    EXPECT_EQ(llama.decode(llama.ids("  two  spaces\n🌍").value(), true), "  two  spaces\n🌍");
}

TEST(Spans, TileTheText) {
    const Tokenizer gpt2 = Tokenizer::open(dataPath("gpt2_encoder")).value();
    const std::string text = "It's 20 °C in Zürich, 今日は <|endoftext|> 🌍!";
    const Encoding encoding = gpt2.encode(text).value();
    std::uint32_t at = 0;
    for (const TextSpan& span : encoding.spans) {
        EXPECT_LE(span.begin, at);  // parts of one character share its bytes
        EXPECT_GE(span.end, at);
        at = span.end;
    }
    EXPECT_EQ(at, text.size());
    EXPECT_EQ(toCodePoints("aé🌍b", {3, 7}), (TextSpan{2, 3}));
}

TEST(SpecialTokens, FollowTheConfiguration) {
    const io::Scratch scratch;
    scratch.file("vocab.json", dataJson("gpt2_encoder/encoder.json").dump());
    scratch.file("merges.txt", readFile(dataPath("gpt2_encoder/vocab.bpe")).value());
    scratch.file(
        "tokenizer_config.json",
        R"({"tokenizer_class": "GPT2Tokenizer", "add_bos_token": true, "bos_token": {"content": "</s>"}, "unk_token": "</s>", "pad_token": "<pad>"})");
    scratch.file("added_tokens.json", R"({"</s>": 50258, "<pad>": 50257})");
    const Tokenizer opt = Tokenizer::open(scratch.path()).value();
    EXPECT_EQ(opt.ids("hello").value(), (std::vector<TokenId>{50258, 31373}));
    EXPECT_EQ(opt.ids("hello", {.addSpecial = false}).value(), (std::vector<TokenId>{31373}));
    EXPECT_EQ(opt.padding(), 50257);
    EXPECT_EQ(opt.decode(opt.ids("hello").value(), true), "hello");
    EXPECT_EQ(opt.vocabularySize(), 50259);
}

TEST(SpecialTokens, LlamaFlagsOverrideTheTemplate) {
    const io::Scratch scratch;
    scratch.file("tokenizer.json", readFile(dataPath("stories260K_hf/tokenizer.json")).value());
    scratch.file(
        "tokenizer_config.json",
        R"({"tokenizer_class": "LlamaTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "add_bos_token": false, "add_eos_token": true})");
    EXPECT_EQ(Tokenizer::open(scratch.path()).value().ids("Zoo").value(), (std::vector<TokenId>{410, 469, 347, 2}));
    scratch.file("tokenizer_config.json", R"({"tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": false})");
    EXPECT_EQ(Tokenizer::open(scratch.path()).value().ids("Zoo").value(), (std::vector<TokenId>{1, 410, 469, 347}));
}

}  // namespace
}  // namespace driftscope::llm
