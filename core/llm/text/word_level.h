#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/llm/text/bpe.h"

namespace driftscope::llm {

/// One token per piece: the model of small languages with a closed vocabulary.
class WordLevel {
  public:
    WordLevel(std::shared_ptr<const Vocabulary> vocabulary, std::optional<TokenId> unknown)
        : vocabulary_(std::move(vocabulary)), unknown_(unknown) {}

    /// Errors: a word that is no token when there is no unknown token.
    Result<void> encode(std::string_view piece, Bpe::Workspace&, std::vector<Symbol>& out) const {
        const std::optional<TokenId> found = vocabulary_->find(piece);
        if (!found && !unknown_)
            return fail(ErrorCode::BadInput, fmt::format("The tokenizer has no token for the word '{}' and no unknown token.", piece),
                        "Use another tokenizer, or remove the word.");
        out.push_back({found ? *found : *unknown_, static_cast<std::uint32_t>(piece.size())});
        return {};
    }

  private:
    std::shared_ptr<const Vocabulary> vocabulary_;
    std::optional<TokenId> unknown_;
};

}  // namespace driftscope::llm
