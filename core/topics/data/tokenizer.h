#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"
#include "core/topics/data/corpus_folder.h"

namespace driftscope::topics {

/// How a text becomes words.
struct TokenRules {
    bool spaces = false;             ///< split at blanks only, instead of Unicode word boundaries (UAX 29)
    std::string language = "en";     ///< locale of word boundaries and of case
    bool lowercase = true;
    std::string pattern;             ///< a regular expression the whole word must match; empty keeps every word
    std::int64_t minimumLength = 1;  ///< in characters
};

/// Why a word form was left out.
enum class TokenFate : std::uint8_t { Kept, Pattern, Short };

/// A word in a text: its form and where it stands.
struct Token {
    std::uint32_t form = 0;
    TokenSpan span;
};

/// Cuts texts into words and numbers the forms in the order of their first appearance. Not thread-safe.
class Tokenizer {
  public:
    /// Errors: a pattern or a language that ICU does not know.
    static Result<Tokenizer> make(const TokenRules& rules);
    Tokenizer(Tokenizer&&) noexcept;
    Tokenizer& operator=(Tokenizer&&) noexcept;
    ~Tokenizer();

    /// The words of a text, in order, without those that the rules drop (they are counted). UTF-8, less than 4 GiB.
    std::vector<Token> tokens(std::string_view text);

    const std::vector<std::string>& forms() const;
    std::uint32_t formOf(const std::string& form);  ///< numbers a new form
    std::uint64_t dropped(TokenFate fate) const { return dropped_[static_cast<std::size_t>(fate)]; }
    /// Each dropped form with how often it stood in the texts.
    std::vector<std::pair<std::string, std::uint64_t>> droppedForms(TokenFate fate) const;

  private:
    struct Engine;
    struct Outcome {
        TokenFate fate = TokenFate::Kept;
        std::uint32_t form = 0;
        std::uint64_t count = 0;
    };
    Tokenizer();
    void add(std::string_view text, std::size_t begin, std::size_t end, std::vector<Token>& out);
    Outcome judge(const std::string& raw);

    TokenRules rules_;
    std::unique_ptr<Engine> engine_;
    std::unordered_map<std::string, Outcome> outcomes_;
    std::unordered_map<std::string, std::uint32_t> idOf_;
    std::vector<std::string> forms_;
    std::uint64_t dropped_[3] = {0, 0, 0};
};

/// The pattern of the paper's preprocessing, for every script: letters, digits, _, - and apostrophes, at least one letter.
inline constexpr const char* kWordlike = R"(^[\w'-]*\p{L}[\w'-]*$)";

}  // namespace driftscope::topics
