#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/base/error.h"
#include "core/llm/text/encoding.h"

namespace driftscope::llm {

/// A token that is found in the text itself, before any splitting.
struct AddedToken {
    TokenId id = 0;
    std::string content;
    bool special = false;     ///< left out when decoding without special tokens
    bool normalized = false;  ///< sought in the normalised text instead of the given one
    bool singleWord = false;  ///< only where no word character adjoins
    bool lstrip = false;      ///< swallows white space on the left
    bool rstrip = false;      ///< and on the right
};

/// Cuts texts at added tokens: leftmost, then longest.
class AddedTokens {
  public:
    struct Part {
        std::size_t begin = 0;
        std::size_t end = 0;
        std::optional<TokenId> token;  ///< empty: ordinary text
    };

    /// `pattern` is what to look for when it differs from the content (normalised tokens).
    void add(AddedToken token, std::string pattern);
    bool empty() const { return tokens_.empty(); }
    bool isSpecial(TokenId id) const { return special_.contains(id); }
    const std::vector<AddedToken>& tokens() const { return tokens_; }

    /// The parts of `text` in order, none empty; with `keepSpecial` set, special tokens stay ordinary text. Adds to `parts`.
    void split(std::string_view text, bool keepSpecial, bool normalized, std::vector<Part>& parts) const;

  private:
    struct Entry {
        std::string pattern;
        std::size_t token;
    };
    const Entry* longestAt(std::string_view text, std::size_t at, bool normalized) const;
    std::vector<AddedToken> tokens_;
    std::unordered_set<TokenId> special_;
    std::array<std::vector<Entry>, 256> byFirstByte_;  ///< longest first
    std::array<bool, 2> any_{};                        ///< whether there are tokens that are not, or are, normalised
};

}  // namespace driftscope::llm
