#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/llm/text/encoding.h"

namespace driftscope::llm {

struct TokenizerParts;

/// Turns text into token ids and back, as the tokenizer of a language model does. Immutable and thread-safe; copies share
/// everything. Ids equal those of Hugging Face's `tokenizers` and of SentencePiece.
class Tokenizer {
  public:
    struct Options {
        bool addSpecial = true;    ///< what the template adds: beginning-of-sequence and the like
        bool parseSpecial = true;  ///< "</s>" in the text is the token; otherwise it is ordinary text, as for untrusted input
    };

    /// Reads tokenizer.json; or tokenizer.model (SentencePiece BPE, or tiktoken's base64 lines); or vocab.json and merges.txt;
    /// with tokenizer_config.json, special_tokens_map.json, added_tokens.json and config.json where present. `path` is the
    /// model's folder or one of these files. Errors: none of them there; whatever is damaged, unknown or contradictory in
    /// them, with file and entry.
    static Result<Tokenizer> open(const std::filesystem::path& path);
    explicit Tokenizer(std::shared_ptr<const TokenizerParts> parts);

    /// Tokens with the bytes they stand for. Errors: malformed UTF-8 (with its place); a character nothing stands for.
    Result<Encoding> encode(std::string_view text, Options options) const;
    Result<Encoding> encode(std::string_view text) const { return encode(text, Options{}); }
    /// The ids alone, which is faster.
    Result<std::vector<TokenId>> ids(std::string_view text, Options options) const;
    Result<std::vector<TokenId>> ids(std::string_view text) const { return ids(text, Options{}); }

    /// The text of these ids. Incomplete characters and ids that are no token become U+FFFD. Round trips are exact for
    /// byte-level tokenizers; SentencePiece writes a literal U+2581 as a space.
    std::string decode(std::span<const TokenId> ids, bool skipSpecial = false) const;
    /// What one token adds to a text, for display: bytes that are no character by themselves become U+FFFD.
    std::string piece(TokenId id) const;
    /// The token as the vocabulary writes it ("Ġthe", "▁the", "<0x0A>"); empty when the id is no token.
    std::string_view token(TokenId id) const;
    std::optional<TokenId> find(std::string_view token) const;

    /// One more than the largest id; gaps count.
    TokenId vocabularySize() const;
    bool isSpecial(TokenId id) const;
    std::optional<TokenId> beginOfSequence() const;
    std::optional<TokenId> endOfSequence() const;
    std::optional<TokenId> padding() const;
    std::optional<TokenId> unknown() const;
    /// The file the tokenizer came from, for errors and records.
    const std::string& place() const;

    /// Refuses a tokenizer whose ids do not fit a model with `embeddings` rows.
    Result<void> checkFits(std::int64_t embeddings) const;

  private:
    Result<void> encodeInto(std::string_view text, Options options, bool spans, Encoding& out) const;
    std::shared_ptr<const TokenizerParts> parts_;
};

}  // namespace driftscope::llm
