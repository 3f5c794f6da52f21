#include "core/llm/text/json_fields.h"
#include "core/llm/text/tokenizer_parts.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

/// Merges are written "a b", or ["a", "b"] where tokens may hold spaces.
Result<std::vector<std::pair<std::string, std::string>>> readPairs(const json& list, const std::string& place) {
    std::vector<std::pair<std::string, std::string>> pairs;
    pairs.reserve(list.size());
    for (const json& entry : list) {
        const bool pair = entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string();
        const std::string text = entry.is_string() ? entry.get<std::string>() : std::string();
        const std::size_t cut = text.find(' ');
        if (pair)
            pairs.emplace_back(entry[0].get<std::string>(), entry[1].get<std::string>());
        else if (cut != std::string::npos && cut > 0 && cut + 1 < text.size() && text.find(' ', cut + 1) == std::string::npos)
            pairs.emplace_back(text.substr(0, cut), text.substr(cut + 1));
        else
            return fail(ErrorCode::BadInput,
                        fmt::format("{}: merge {} is {}, which is no pair of tokens.", place, pairs.size() + 1,
                                    entry.dump(-1, ' ', false, json::error_handler_t::replace)),
                        "A merge is \"a b\" or [\"a\", \"b\"].");
    }
    return pairs;
}

Result<std::optional<TokenId>> readUnknown(const json& model, const TokenizerParts& parts) {
    const json* entry = io::member(model, "unk_token");
    if (!entry || entry->is_null()) return std::optional<TokenId>();
    const auto id = entry->is_string() ? parts.vocabulary->find(entry->get<std::string>()) : std::nullopt;
    if (!id)
        return fail(ErrorCode::BadInput,
                    fmt::format("{} names the unknown token {}, which the vocabulary lacks.", parts.place, entry->dump()),
                    "The file may be damaged.");
    return std::optional<TokenId>(*id);
}

Result<void> readBpe(const json& model, TokenizerParts& parts) {
    if (io::numberMember(model, "dropout", 0) != 0)
        return fail(ErrorCode::Unsupported, fmt::format("{} drops merges at random (\"dropout\").", parts.place),
                    "Set \"dropout\" to null: it is for training tokenizers.");
    for (const char* name : {"continuing_subword_prefix", "end_of_word_suffix"})
        if (!io::textMember(model, name).empty())
            return fail(ErrorCode::Unsupported,
                        fmt::format("{} marks parts of words with \"{}\", which is not supported.", parts.place, name),
                        "Language models of the supported families do not use it.");
    DS_ASSIGN(const auto pairs, readPairs(io::arrayMember(model, "merges"), parts.place));
    DS_ASSIGN(MergeTable merges, makeMerges(*parts.vocabulary, pairs, parts.place));
    parts.model = Bpe(parts.vocabulary, std::move(merges),
                      {.byteLevel = parts.preTokenizer.byteLevel(),
                       .byteFallback = flagMember(model, "byte_fallback", false),
                       .fuseUnknown = flagMember(model, "fuse_unk", false),
                       .ignoreMerges = flagMember(model, "ignore_merges", false),
                       .unknown = parts.unk});
    return {};
}

Result<void> readModel(const json& model, TokenizerParts& parts) {
    const std::string type = io::textMember(model, "type", "BPE");  // early files leave it out
    if (type != "BPE" && type != "WordLevel")
        return fail(ErrorCode::Unsupported, fmt::format("{} is of type '{}', which is not supported.", parts.place, type),
                    "Supported: BPE (byte-level, or with byte fallback) and WordLevel.");
    DS_ASSIGN(*parts.vocabulary, Vocabulary::fromJson(io::objectMember(model, "vocab"), parts.place));
    DS_ASSIGN(parts.unk, readUnknown(model, parts));
    if (type == "BPE") return readBpe(model, parts);
    if (parts.preTokenizer.byteLevel())
        return fail(ErrorCode::Unsupported, fmt::format("{} looks up whole words of bytes.", parts.place),
                    "Use a WordLevel model without ByteLevel.");
    parts.model = WordLevel(parts.vocabulary, parts.unk);
    return {};
}

Result<void> readAddedTokens(const json& list, TokenizerParts& parts) {
    for (const json& entry : list) {
        const json* id = io::member(entry, "id");
        AddedToken token;
        token.content = io::textMember(entry, "content");
        if (!id || !id->is_number_integer() || token.content.empty())
            return fail(ErrorCode::BadInput,
                        fmt::format("{} has an added token without id or content: {}.", parts.place,
                                    entry.dump(-1, ' ', false, json::error_handler_t::replace)),
                        "The file may be damaged.");
        const auto number = id->is_number_unsigned() && id->get<std::uint64_t>() > 0x7FFFFFFF ? -1 : id->get<std::int64_t>();
        if (number < 0 || number > 0x7FFFFFFF)
            return fail(ErrorCode::BadInput,
                        fmt::format("{} gives the added token '{}' the id {}.", parts.place, token.content, id->dump()),
                        "The file may be damaged.");
        token.id = static_cast<TokenId>(number);
        token.special = flagMember(entry, "special", false);
        token.normalized = flagMember(entry, "normalized", !token.special);
        token.singleWord = flagMember(entry, "single_word", false);
        token.lstrip = flagMember(entry, "lstrip", false);
        token.rstrip = flagMember(entry, "rstrip", false);
        DS_TRY(parts.addToken(std::move(token)));
    }
    return {};
}

Result<TokenId> needToken(const std::string& content, const TokenizerParts& parts) {
    if (const auto id = parts.vocabulary->find(content)) return *id;
    return fail(ErrorCode::BadInput,
                fmt::format("{}: the post-processor adds the token '{}', which the vocabulary lacks.", parts.place, content),
                "The file may be damaged.");
}

Result<void> readTemplate(const json& entry, TokenizerParts& parts) {
    std::vector<TokenId> before;
    std::vector<TokenId> after;
    int sequences = 0;
    for (const json& item : io::arrayMember(entry, "single")) {
        if (io::member(item, "Sequence")) {
            ++sequences;
            continue;
        }
        const std::string name = io::textMember(io::objectMember(item, "SpecialToken"), "id");
        const json& ids = io::arrayMember(io::objectMember(io::objectMember(entry, "special_tokens"), name), "ids");
        std::vector<TokenId>& target = sequences == 0 ? before : after;
        for (const json& id : ids) {
            if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() >= parts.vocabulary->extent() ||
                !parts.vocabulary->contains(id.get<TokenId>()))
                return fail(ErrorCode::BadInput,
                            fmt::format("{}: the post-processor adds the id {}, which is no token.", parts.place, id.dump()),
                            "The file may be damaged.");
            target.push_back(id.get<TokenId>());
        }
        if (ids.empty()) {
            DS_ASSIGN(const TokenId id, needToken(name, parts));
            target.push_back(id);
        }
    }
    if (sequences != 1)
        return fail(ErrorCode::BadInput,
                    fmt::format("{}: the template of the post-processor holds the text {} times.", parts.place, sequences),
                    "\"single\" must hold one Sequence.");
    // Processors of a sequence wrap one another.
    before.insert(before.end(), parts.before.begin(), parts.before.end());
    parts.before = std::move(before);
    parts.after.insert(parts.after.end(), after.begin(), after.end());
    return {};
}

Result<void> readPostProcessor(const json& entry, TokenizerParts& parts) {
    if (entry.is_null()) return {};
    const std::string type = io::textMember(entry, "type");
    if (type == "ByteLevel") return {};  // trims offsets only; ours keep the space, so that spans tile the text
    if (type == "TemplateProcessing") return readTemplate(entry, parts);
    if (type == "Sequence") {
        for (const json& one : io::arrayMember(entry, "processors")) DS_TRY(readPostProcessor(one, parts));
        return {};
    }
    if (type == "RobertaProcessing" || type == "BertProcessing") {
        for (const auto& [name, target] : {std::pair{"cls", &parts.before}, std::pair{"sep", &parts.after}}) {
            const json& pair = io::arrayMember(entry, name);
            DS_ASSIGN(const TokenId id,
                      needToken(!pair.empty() && pair[0].is_string() ? pair[0].get<std::string>() : std::string(), parts));
            target->push_back(id);
        }
        return {};
    }
    return fail(ErrorCode::Unsupported, fmt::format("{} has the post-processor '{}', which is not supported.", parts.place, type),
                "Supported: Sequence, TemplateProcessing, ByteLevel, RobertaProcessing, BertProcessing.");
}

}  // namespace

// "truncation" and "padding" are leftovers of whoever saved the file; transformers resets them on every call, so they are
// not read.
Result<void> readTokenizerJson(const std::filesystem::path& file, TokenizerParts& parts) {
    parts.place = file.string();
    DS_ASSIGN(const json content, io::readJson(file));
    const auto entry = [&](const char* name) {
        const json* found = io::member(content, name);
        return found ? *found : json();
    };
    DS_ASSIGN(parts.normalizer, Normalizer::fromJson(entry("normalizer"), parts.place));
    DS_ASSIGN(parts.preTokenizer, PreTokenizer::fromJson(entry("pre_tokenizer"), parts.place));
    DS_TRY(readModel(io::objectMember(content, "model"), parts));
    DS_TRY(readAddedTokens(io::arrayMember(content, "added_tokens"), parts));
    DS_TRY(readPostProcessor(entry("post_processor"), parts));
    DS_ASSIGN(parts.decoder, Decoder::fromJson(entry("decoder"), parts.place));
    return {};
}

}  // namespace driftscope::llm
