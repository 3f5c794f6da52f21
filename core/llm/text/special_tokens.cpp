// Special tokens and templates that are decided outside tokenizer.json, and the search for a tokenizer's files.
#include <algorithm>
#include <charconv>

#include "core/base/atomic_file.h"
#include "core/llm/text/json_fields.h"
#include "core/llm/text/tokenizer_parts.h"

namespace driftscope::llm {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A JSON file that may be absent.
Result<json> readOptional(const fs::path& file) {
    if (!fs::exists(file)) return json();
    return io::readJson(file);
}

/// A special token is written "…" or {"content": "…"}.
std::string contentOf(const json* entry) {
    if (!entry) return {};
    return entry->is_string() ? entry->get<std::string>() : io::textMember(*entry, "content");
}

Result<void> addFromDecoder(const json& decoder, const fs::path& folder, TokenizerParts& parts) {
    for (const auto& item : decoder.items()) {
        AddedToken token;
        const char* last = item.key().data() + item.key().size();
        if (std::from_chars(item.key().data(), last, token.id).ptr != last)
            return fail(
                ErrorCode::BadInput,
                fmt::format("{} lists an added token under '{}', which is no id.", (folder / "tokenizer_config.json").string(), item.key()),
                "The file may be damaged.");
        token.content = io::textMember(item.value(), "content");
        token.special = flagMember(item.value(), "special", false);
        token.normalized = flagMember(item.value(), "normalized", !token.special);
        token.singleWord = flagMember(item.value(), "single_word", false);
        token.lstrip = flagMember(item.value(), "lstrip", false);
        token.rstrip = flagMember(item.value(), "rstrip", false);
        const auto& known = parts.added.tokens();
        if (std::any_of(known.begin(), known.end(),
                        [&](const AddedToken& one) { return one.id == token.id && one.content == token.content; }))
            continue;
        DS_TRY(parts.addToken(std::move(token)));
    }
    return {};
}

Result<void> addFromMap(const json& map, TokenizerParts& parts) {
    for (const auto& item : map.items()) {
        if (!item.value().is_number_integer())
            return fail(ErrorCode::BadInput, fmt::format("added_tokens.json gives '{}' the id {}.", item.key(), item.value().dump()),
                        "The file may be damaged.");
        if (parts.vocabulary->find(item.key())) continue;
        DS_TRY(parts.vocabulary->add(item.key(), item.value().get<std::int64_t>(), "added_tokens.json"));
        const TokenId id = *parts.vocabulary->find(item.key());
        DS_TRY(parts.addToken({.id = id, .content = item.key(), .special = false, .normalized = false}));
    }
    return {};
}

/// Names a token as beginning, end, padding or unknown. One that has no id stays unset: the model has no row for it.
Result<void> assign(const json& config, const json& map, const char* name, bool makeSpecial, std::optional<TokenId>& target,
                    TokenizerParts& parts) {
    std::string content = contentOf(io::member(config, name));
    if (content.empty()) content = contentOf(io::member(map, name));
    const auto id = parts.vocabulary->find(content);
    if (!id) return {};
    target = *id;
    if (makeSpecial && !parts.added.isSpecial(*id)) return parts.addToken({.id = *id, .content = content, .special = true});
    return {};
}

void assignFromModel(const json& model, const char* name, std::optional<TokenId>& target, const TokenizerParts& parts) {
    const json* entry = io::member(model, name);
    if (entry && entry->is_array() && !entry->empty()) entry = &entry->front();
    if (!target && entry && entry->is_number_integer() && entry->get<std::int64_t>() >= 0 &&
        entry->get<std::int64_t>() < parts.vocabulary->extent())
        target = entry->get<TokenId>();
}

/// Llama and Gemma tokenizers rebuild their template from these flags, whatever tokenizer.json says; so do slow GPT-2 ones.
bool flagsDecide(const std::string& tokenizerClass, bool fromTokenizerJson) {
    return !fromTokenizerJson || tokenizerClass.starts_with("Llama") || tokenizerClass.starts_with("CodeLlama") ||
           tokenizerClass.starts_with("Gemma");
}

void applyFlags(const json& config, SpecialTokenRules rules, TokenizerParts& parts) {
    if (!flagsDecide(io::textMember(config, "tokenizer_class"), rules.fromTokenizerJson)) return;
    const auto apply = [&](const char* name, bool fallback, const std::optional<TokenId>& token, std::vector<TokenId>& target) {
        const json* flag = io::member(config, name);
        if (rules.fromTokenizerJson && (!flag || !flag->is_boolean())) return;
        target.clear();
        if (flagMember(config, name, fallback) && token) target.push_back(*token);
    };
    apply("add_bos_token", rules.addsBeginning, parts.bos, parts.before);
    apply("add_eos_token", false, parts.eos, parts.after);
}

fs::path firstThere(const fs::path& folder, std::initializer_list<const char*> names) {
    for (const char* name : names)
        if (fs::exists(folder / name)) return folder / name;
    return {};
}

/// SentencePiece models start with a field tag; tiktoken's files with base64 and a space.
Result<bool> looksLikeTiktoken(const fs::path& file) {
    DS_ASSIGN(const std::string content, readFile(file));
    const std::string_view line = std::string_view(content).substr(0, std::min<std::size_t>(content.find('\n'), 200));
    const std::size_t cut = line.find(' ');
    return cut != std::string_view::npos && line.find_first_not_of("0123456789\r", cut + 1) == std::string_view::npos &&
           static_cast<unsigned char>(line[0]) > 0x20;
}

Result<SpecialTokenRules> readFiles(const fs::path& path, const fs::path& folder, const json& config, TokenizerParts& parts) {
    const bool named = !fs::is_directory(path);
    const auto chosen = [&](std::initializer_list<const char*> names) { return named ? path : firstThere(folder, names); };
    const std::string extension = named ? path.extension().string() : "";
    if (const fs::path file = chosen({"tokenizer.json"});
        !file.empty() && (!named || (extension == ".json" && file.filename() != "vocab.json" && file.filename() != "encoder.json"))) {
        DS_TRY(readTokenizerJson(file, parts));
        return SpecialTokenRules{true, false};
    }
    if (const fs::path file = chosen({"tokenizer.model"});
        !file.empty() && extension != ".json" && extension != ".txt" && extension != ".bpe") {
        DS_ASSIGN(const bool tiktoken, looksLikeTiktoken(file));
        if (tiktoken || extension == ".tiktoken")
            DS_TRY(readTiktoken(file, parts));
        else
            DS_TRY(readSentencePiece(file, config, parts));
        return SpecialTokenRules{false, !tiktoken};
    }
    const fs::path vocabulary = firstThere(folder, {"vocab.json", "encoder.json"});
    const fs::path merges = firstThere(folder, {"merges.txt", "vocab.bpe"});
    if (vocabulary.empty() || merges.empty())
        return fail(ErrorCode::NotFound, fmt::format("There is no tokenizer in {}.", folder.string()),
                    "Expected: tokenizer.json; or tokenizer.model; or vocab.json and merges.txt.");
    DS_TRY(readVocabularyAndMerges(vocabulary, merges, config, parts));
    return SpecialTokenRules{false, false};
}

}  // namespace

Result<void> readSpecialTokens(const fs::path& folder, const json& config, SpecialTokenRules rules, TokenizerParts& parts) {
    DS_ASSIGN(const json map, readOptional(folder / "special_tokens_map.json"));
    DS_ASSIGN(const json model, readOptional(folder / "config.json"));
    DS_TRY(addFromDecoder(io::objectMember(config, "added_tokens_decoder"), folder, parts));
    if (!rules.fromTokenizerJson) {
        DS_ASSIGN(const json added, readOptional(folder / "added_tokens.json"));
        if (added.is_object()) DS_TRY(addFromMap(added, parts));
    }
    const bool makeSpecial = !rules.fromTokenizerJson;
    DS_TRY(assign(config, map, "bos_token", makeSpecial, parts.bos, parts));
    DS_TRY(assign(config, map, "eos_token", makeSpecial, parts.eos, parts));
    DS_TRY(assign(config, map, "pad_token", makeSpecial, parts.pad, parts));
    DS_TRY(assign(config, map, "unk_token", makeSpecial, parts.unk, parts));
    if (makeSpecial && !parts.eos) {
        DS_TRY(
            assign({{"eos_token", "<|endoftext|>"}}, json(), "eos_token", true, parts.eos, parts));  // GPT-2's files name no special tokens
        if (!parts.bos) parts.bos = parts.eos;
    }
    assignFromModel(model, "bos_token_id", parts.bos, parts);
    assignFromModel(model, "eos_token_id", parts.eos, parts);
    assignFromModel(model, "pad_token_id", parts.pad, parts);
    applyFlags(config, rules, parts);
    return {};
}

Result<Tokenizer> Tokenizer::open(const fs::path& path) {
    if (!fs::exists(path))
        return fail(ErrorCode::NotFound, fmt::format("{} does not exist.", path.string()), "Name a model's folder, or a tokenizer's file.");
    const fs::path folder = fs::is_directory(path) ? path : path.parent_path();
    auto parts = std::make_shared<TokenizerParts>();
    DS_ASSIGN(const json config, readOptional(folder / "tokenizer_config.json"));
    DS_ASSIGN(const SpecialTokenRules rules, readFiles(path, folder, config, *parts));
    DS_TRY(readSpecialTokens(folder, config, rules, *parts));
    if (const auto* bpe = std::get_if<Bpe>(&parts->model)) parts->wordsAreSeparate = bpe->wordsAreSeparate();
    return Tokenizer(std::move(parts));
}

}  // namespace driftscope::llm
