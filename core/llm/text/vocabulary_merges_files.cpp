// Reads vocab.json with merges.txt (GPT-2's encoder.json and vocab.bpe): byte-level BPE as GPT-2, OPT and Qwen 2 ship it.
#include "core/base/atomic_file.h"
#include "core/llm/text/json_fields.h"
#include "core/llm/text/tokenizer_parts.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

Result<std::vector<std::pair<std::string, std::string>>> readMergeLines(const std::filesystem::path& file) {
    DS_ASSIGN(const std::string content, readFile(file));
    std::vector<std::pair<std::string, std::string>> pairs;
    std::size_t line = 0;
    for (std::size_t at = 0; at < content.size();) {
        const std::size_t end = std::min(content.find('\n', at), content.size());
        std::string_view row = std::string_view(content).substr(at, end - at);
        at = end + 1;
        ++line;
        if (row.ends_with('\r')) row.remove_suffix(1);
        if (row.empty() || (line == 1 && row.starts_with("#version"))) continue;
        const std::size_t cut = row.find(' ');
        if (cut == std::string_view::npos || cut == 0 || cut + 1 == row.size() || row.find(' ', cut + 1) != std::string_view::npos)
            return fail(ErrorCode::BadInput, fmt::format("{} line {} is not two tokens with a space between them.", file.string(), line),
                        "The file may be damaged.");
        pairs.emplace_back(row.substr(0, cut), row.substr(cut + 1));
    }
    return pairs;
}

}  // namespace

Result<void> readVocabularyAndMerges(const std::filesystem::path& vocabularyFile, const std::filesystem::path& mergesFile,
                                     const json& config, TokenizerParts& parts) {
    parts.place = vocabularyFile.string();
    DS_ASSIGN(const json vocabulary, io::readJson(vocabularyFile));
    DS_ASSIGN(*parts.vocabulary, Vocabulary::fromJson(vocabulary, parts.place));
    DS_ASSIGN(const auto pairs, readMergeLines(mergesFile));
    DS_ASSIGN(MergeTable merges, makeMerges(*parts.vocabulary, pairs, mergesFile.string()));
    const bool qwen = io::textMember(config, "tokenizer_class").starts_with("Qwen2");
    if (qwen) parts.normalizer.add(Normalizer::Form::Nfc);
    const json byteLevel{{"type", "ByteLevel"}, {"add_prefix_space", flagMember(config, "add_prefix_space", false)}, {"use_regex", !qwen}};
    DS_ASSIGN(parts.preTokenizer, PreTokenizer::fromJson(byteLevel, parts.place));
    if (qwen) parts.preTokenizer.add(PreTokenizer::Scanner::Qwen2);
    parts.decoder.add(Decoder::ByteLevel{});
    parts.model = Bpe(parts.vocabulary, std::move(merges), {.byteLevel = true});
    return {};
}

}  // namespace driftscope::llm
