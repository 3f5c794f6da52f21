#pragma once

#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <variant>

#include "core/llm/text/added_tokens.h"
#include "core/llm/text/decoder.h"
#include "core/llm/text/pre_tokenizer.h"
#include "core/llm/text/tokenizer.h"
#include "core/llm/text/word_level.h"

namespace driftscope::llm {

/// Buffers for as many threads as encode at once.
class WorkspacePool {
  public:
    std::unique_ptr<Bpe::Workspace> take() {
        const std::lock_guard lock(mutex_);
        if (free_.empty()) return std::make_unique<Bpe::Workspace>();
        auto taken = std::move(free_.back());
        free_.pop_back();
        return taken;
    }
    void give(std::unique_ptr<Bpe::Workspace> workspace) {
        const std::lock_guard lock(mutex_);
        free_.push_back(std::move(workspace));
    }

  private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<Bpe::Workspace>> free_;
};

/// Everything a tokenizer is made of; filled by the readers of its file formats.
struct TokenizerParts {
    std::string place;
    std::shared_ptr<Vocabulary> vocabulary = std::make_shared<Vocabulary>();  ///< added tokens included
    Normalizer normalizer;
    PreTokenizer preTokenizer;
    std::variant<std::monostate, Bpe, WordLevel> model;
    bool wordsAreSeparate = false;  ///< see Bpe::wordsAreSeparate
    AddedTokens added;
    Decoder decoder;
    ByteAlphabet alphabet;
    std::vector<TokenId> before;  ///< what the template puts before a text
    std::vector<TokenId> after;
    std::optional<TokenId> bos, eos, pad, unk;
    mutable WorkspacePool workspaces;

    /// Adds a token that is sought in the text: to the vocabulary when it is new there, and to `added`.
    Result<void> addToken(AddedToken token);
};

// Readers of one format each. `config` is tokenizer_config.json, or null.
Result<void> readTokenizerJson(const std::filesystem::path& file, TokenizerParts& parts);
Result<void> readSentencePiece(const std::filesystem::path& file, const nlohmann::json& config, TokenizerParts& parts);
Result<void> readTiktoken(const std::filesystem::path& file, TokenizerParts& parts);
Result<void> readVocabularyAndMerges(const std::filesystem::path& vocabulary, const std::filesystem::path& merges,
                                     const nlohmann::json& config, TokenizerParts& parts);

/// Merges from pairs of tokens in order of rank. Errors: a half or the whole that is no token, naming the merge.
Result<MergeTable> makeMerges(const Vocabulary& vocabulary, const std::vector<std::pair<std::string, std::string>>& pairs,
                              const std::string& place);
/// Merges for which only the joined tokens and their order are known: every way to cut a token into two tokens.
/// `ranks` gives each id its rank, or a negative number when no merge makes it.
MergeTable deriveMerges(const Vocabulary& vocabulary, const std::vector<std::int64_t>& ranks);

/// Where special tokens and templates are decided when not in tokenizer.json.
struct SpecialTokenRules {
    bool fromTokenizerJson = false;  ///< added tokens are known already
    bool addsBeginning = false;      ///< unless the configuration says otherwise
};
/// Applies tokenizer_config.json (`config`), special_tokens_map.json, added_tokens.json and config.json of `folder`.
Result<void> readSpecialTokens(const std::filesystem::path& folder, const nlohmann::json& config, SpecialTokenRules rules,
                               TokenizerParts& parts);

}  // namespace driftscope::llm
