#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/base/error.h"
#include "core/llm/text/encoding.h"
#include "core/llm/text/vocabulary.h"

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
    /// Patterns by their text; per first byte, which lengths there are. Thousands of tokens that all start with '<' are
    /// common, so they are not tried one by one.
    struct Patterns {
        std::unordered_map<std::string, std::size_t, Vocabulary::Hash, std::equal_to<>> tokens;
        std::array<std::vector<std::size_t>, 256> lengths;  ///< longest first
    };
    /// The token whose pattern is the longest that starts at `at`, and the pattern's length.
    std::optional<std::pair<std::size_t, std::size_t>> longestAt(std::string_view text, std::size_t at, const Patterns& patterns) const;

    std::vector<AddedToken> tokens_;
    std::unordered_set<TokenId> special_;
    std::array<Patterns, 2> patterns_;  ///< sought in the given text, and in the normalised one
};

}  // namespace driftscope::llm
