#include <gtest/gtest.h>

#include <random>

#include "core/llm/text/bpe.h"
#include "core/llm/text/pattern.h"
#include "core/llm/text/scan.h"
#include "core/llm/text/unicode.h"
#include "tests/core/llm/text/tokenizer_files.h"

namespace driftscope::llm {
namespace {

/// Texts of any code points, with the classes that tokenizers tell apart well mixed.
std::string randomText(std::mt19937& random, std::size_t length) {
    static const std::u32string kCommon = U"abcdefgABCSTLst 'rvmdl 0123456789 \t\n\r\v\u0085\u00A0.,!?-_()é\u0301ſK½٣中文🌍\u200D";
    std::string text;
    for (std::size_t i = 0; i < length; ++i) {
        char32_t c = kCommon[random() % kCommon.size()];
        if (random() % 4 == 0) do {
                c = random() % 0x110000;
            } while (c >= 0xD800 && c < 0xE000);
        appendUtf8(text, c);
    }
    return text;
}

TEST(RoundTrip, AnyUtf8ComesBackFromByteLevelTokens) {
    const Tokenizer tokenizer = Tokenizer::open(dataPath("gpt2_encoder")).value();
    std::mt19937 random(1);
    for (int i = 0; i < 2000; ++i) {
        const std::string text = randomText(random, random() % 60);
        EXPECT_EQ(tokenizer.decode(tokenizer.ids(text, {.addSpecial = false, .parseSpecial = false}).value()), text);
    }
}

TEST(RoundTrip, AnyUtf8ComesBackFromSentencePieceTokens) {
    const Tokenizer tokenizer = Tokenizer::open(dataPath("stories260K_hf")).value();
    std::mt19937 random(2);
    for (int i = 0; i < 2000; ++i) {
        std::string text = randomText(random, random() % 60);
        if (text.find("▁") != std::string::npos) continue;  // this mark is the space by definition
        EXPECT_EQ(tokenizer.decode(tokenizer.ids(text).value(), true), text);
    }
}

TEST(RoundTrip, SpansCoverTheText) {
    for (const char* folder : {"gpt2_encoder", "stories260K_hf"}) {
        const Tokenizer tokenizer = Tokenizer::open(dataPath(folder)).value();
        std::mt19937 random(3);
        for (int i = 0; i < 300; ++i) {
            const std::string text = randomText(random, random() % 40);
            const Encoding encoding = tokenizer.encode(text).value();
            ASSERT_EQ(encoding.ids.size(), encoding.spans.size());
            std::uint32_t covered = 0;
            for (const TextSpan& span : encoding.spans) {
                EXPECT_LE(span.begin, covered);
                covered = std::max(covered, span.end);
            }
            EXPECT_EQ(covered, text.size());
        }
    }
}

TEST(Scanners, EqualTheirExpressions) {
    std::mt19937 random(4);
    const struct {
        std::string_view expression;
        std::size_t (*scan)(std::string_view, std::size_t);
    } pairs[] = {{kGpt2Expression, scanGpt2},
                 {kLlama3Expression, [](std::string_view text, std::size_t at) { return scanLlama3(text, at, 3); }},
                 {kQwen2Expression, [](std::string_view text, std::size_t at) { return scanLlama3(text, at, 1); }}};
    for (const auto& pair : pairs) {
        const Pattern pattern = Pattern::expression(std::string(pair.expression), "test").value();
        for (int i = 0; i < 2000; ++i) {
            const std::string text = randomText(random, random() % 40);
            std::size_t at = 0;
            const auto matches = pattern.findAll(text).value();
            for (const Pattern::Match& match : matches) {
                ASSERT_EQ(match.begin, at) << json(text);
                ASSERT_EQ(match.end, pair.scan(text, at)) << json(text) << " at " << at;
                at = match.end;
            }
            ASSERT_EQ(at, text.size());
        }
    }
}

/// The definition: merge the best pair, leftmost first, until none is left.
std::vector<TokenId> mergeNaively(std::vector<TokenId> ids, const MergeTable& merges) {
    while (true) {
        std::size_t best = ids.size();
        std::uint32_t rank = 0xFFFFFFFF;
        for (std::size_t i = 0; i + 1 < ids.size(); ++i)
            if (const auto* merge = merges.find(ids[i], ids[i + 1]); merge && merge->rank < rank) {
                rank = merge->rank;
                best = i;
            }
        if (best == ids.size()) return ids;
        ids[best] = merges.find(ids[best], ids[best + 1])->result;
        ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    }
}

TEST(Merging, ShortAndLongPiecesFollowTheDefinition) {
    std::mt19937 random(5);
    for (int round = 0; round < 60; ++round) {
        auto vocabulary = std::make_shared<Vocabulary>();
        std::vector<std::string> tokens{"a", "b", "c"};
        for (const std::string& token : tokens) ASSERT_TRUE(vocabulary->add(token, vocabulary->extent(), "test"));
        MergeTable merges;
        for (std::uint32_t rank = 0; rank < 40; ++rank) {
            const std::string left = tokens[random() % tokens.size()];
            const std::string right = tokens[random() % tokens.size()];
            if (!vocabulary->find(left + right)) {
                ASSERT_TRUE(vocabulary->add(left + right, vocabulary->extent(), "test"));
                tokens.push_back(left + right);
            }
            if (!merges.find(*vocabulary->find(left), *vocabulary->find(right)))
                merges.insert(*vocabulary->find(left), *vocabulary->find(right), {rank / 2, *vocabulary->find(left + right)});
        }
        const Bpe bpe(vocabulary, merges, {});
        Bpe::Workspace workspace;
        for (std::size_t length : {1, 5, 30, 47, 48, 49, 50, 200, 700}) {
            std::string text;
            std::vector<TokenId> start;
            for (std::size_t i = 0; i < length; ++i) {
                text.push_back(static_cast<char>('a' + random() % 3));
                start.push_back(*vocabulary->find(text.substr(i, 1)));
            }
            std::vector<Symbol> symbols;
            ASSERT_TRUE(bpe.encode(text, workspace, symbols));
            std::vector<TokenId> ids;
            for (const Symbol& symbol : symbols) ids.push_back(symbol.id);
            EXPECT_EQ(ids, mergeNaively(start, merges)) << text;
        }
    }
}

TEST(LongLines, StayLinear) {
    const Tokenizer stories = Tokenizer::open(dataPath("stories260K_hf")).value();
    const Tokenizer gpt2 = Tokenizer::open(dataPath("gpt2_encoder")).value();
    const std::string line(100'000, 'a');  // one piece; a quadratic merge would take minutes
    EXPECT_EQ(gpt2.decode(gpt2.ids(line).value()), line);
    EXPECT_EQ(stories.decode(stories.ids(line).value(), true), line);
}

}  // namespace
}  // namespace driftscope::llm
