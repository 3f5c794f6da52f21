// Reads tiktoken's rank files: one "base64-bytes rank" a line. The splitting expression is not in the file; it follows from
// which of the published vocabularies it is.
#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/atomic_file.h"
#include "core/llm/text/byte_alphabet.h"
#include "core/llm/text/tokenizer_parts.h"

namespace driftscope::llm {
namespace {

std::optional<std::string> fromBase64(std::string_view text) {
    static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    while (text.ends_with('=')) text.remove_suffix(1);
    std::string bytes;
    std::uint32_t buffer = 0;
    int bits = 0;
    for (char c : text) {
        const std::size_t digit = kDigits.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        buffer = buffer << 6 | static_cast<std::uint32_t>(digit);
        bits += 6;
        if (bits >= 8) bytes.push_back(static_cast<char>(buffer >> (bits -= 8) & 0xFF));
    }
    return bytes.empty() ? std::nullopt : std::optional(bytes);
}

struct Published {
    std::size_t ranks;
    PreTokenizer::Scanner scanner;
};
constexpr std::array kPublished{Published{50256, PreTokenizer::Scanner::Gpt2},     // r50k_base, GPT-2
                                Published{50280, PreTokenizer::Scanner::Gpt2},     // p50k_base
                                Published{100256, PreTokenizer::Scanner::Llama3},  // cl100k_base
                                Published{128000, PreTokenizer::Scanner::Llama3},  // Llama 3
                                Published{151643, PreTokenizer::Scanner::Qwen2}};  // Qwen

}  // namespace

Result<void> readTiktoken(const std::filesystem::path& file, TokenizerParts& parts) {
    parts.place = file.string();
    DS_ASSIGN(const std::string content, readFile(file));
    const ByteAlphabet alphabet;
    std::size_t line = 0;
    for (std::size_t at = 0; at < content.size();) {
        const std::size_t end = std::min(content.find('\n', at), content.size());
        std::string_view row = std::string_view(content).substr(at, end - at);
        at = end + 1;
        ++line;
        if (row.ends_with('\r')) row.remove_suffix(1);
        if (row.empty()) continue;
        const std::size_t cut = std::min(row.find(' '), row.size());
        const auto bytes = fromBase64(row.substr(0, cut));
        std::int64_t rank = -1;
        const char* last = row.data() + row.size();
        const bool number = cut < row.size() && std::from_chars(row.data() + cut + 1, last, rank).ptr == last;
        if (!bytes || !number || rank < 0)
            return fail(ErrorCode::BadInput, fmt::format("{} line {} is not \"base64 rank\".", parts.place, line),
                        "It may be damaged, or not a tokenizer.");
        DS_TRY(parts.vocabulary->add(alphabet.write(*bytes), rank, parts.place));
    }
    const auto known =
        std::find_if(kPublished.begin(), kPublished.end(), [&](const Published& one) { return one.ranks == parts.vocabulary->count(); });
    if (known == kPublished.end())
        return fail(ErrorCode::Unsupported,
                    fmt::format("{} has {} ranks, like no published vocabulary: how it splits text is unknown.", parts.place,
                                parts.vocabulary->count()),
                    "Convert it to tokenizer.json.");
    parts.preTokenizer.add(known->scanner);
    parts.preTokenizer.setByteLevel();
    parts.decoder.add(Decoder::ByteLevel{});
    std::vector<std::int64_t> ranks(static_cast<std::size_t>(parts.vocabulary->extent()));
    for (std::size_t id = 0; id < ranks.size(); ++id) ranks[id] = static_cast<std::int64_t>(id);
    parts.model = Bpe(parts.vocabulary, deriveMerges(*parts.vocabulary, ranks), {.byteLevel = true, .ignoreMerges = true});
    return {};
}

}  // namespace driftscope::llm
