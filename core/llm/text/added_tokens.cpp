#include "core/llm/text/added_tokens.h"

#include <algorithm>
#include <functional>

#include "core/llm/text/unicode.h"

namespace driftscope::llm {
namespace {

std::size_t startOfLast(std::string_view text, std::size_t end) {
    std::size_t start = end - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
    return start;
}

bool adjoinsWord(std::string_view text, std::size_t begin, std::size_t end) {
    return (begin > 0 && isWordCharacter(codePointAt(text, startOfLast(text, begin)).value)) ||
           (end < text.size() && isWordCharacter(codePointAt(text, end).value));
}

}  // namespace

void AddedTokens::add(AddedToken token, std::string pattern) {
    if (token.special) special_.insert(token.id);
    if (!pattern.empty()) {
        Patterns& patterns = patterns_[token.normalized ? 1 : 0];
        auto& lengths = patterns.lengths[static_cast<unsigned char>(pattern[0])];
        const auto place = std::lower_bound(lengths.begin(), lengths.end(), pattern.size(), std::greater<>());
        if (place == lengths.end() || *place != pattern.size()) lengths.insert(place, pattern.size());
        patterns.tokens.try_emplace(std::move(pattern), tokens_.size());
    }
    tokens_.push_back(std::move(token));
}

std::optional<std::pair<std::size_t, std::size_t>> AddedTokens::longestAt(std::string_view text, std::size_t at,
                                                                          const Patterns& patterns) const {
    for (const std::size_t length : patterns.lengths[static_cast<unsigned char>(text[at])]) {
        if (length > text.size() - at) continue;
        const auto found = patterns.tokens.find(text.substr(at, length));
        if (found != patterns.tokens.end()) return std::pair(found->second, length);
    }
    return std::nullopt;
}

void AddedTokens::split(std::string_view text, bool keepSpecial, bool normalized, std::vector<Part>& parts) const {
    const Patterns& patterns = patterns_[normalized ? 1 : 0];
    std::size_t done = 0;
    for (std::size_t at = 0; !patterns.tokens.empty() && at < text.size();) {
        const auto found = longestAt(text, at, patterns);
        if (!found) {
            ++at;
            continue;
        }
        const AddedToken& token = tokens_[found->first];
        std::size_t begin = at;
        std::size_t end = at + found->second;
        at = end;
        if ((keepSpecial && token.special) || (token.singleWord && adjoinsWord(text, begin, end))) continue;
        while (token.lstrip && begin > done && isSpace(codePointAt(text, startOfLast(text, begin)).value)) begin = startOfLast(text, begin);
        while (token.rstrip && end < text.size() && isSpace(codePointAt(text, end).value)) end += codePointAt(text, end).length;
        if (begin > done) parts.push_back({done, begin, {}});
        parts.push_back({begin, end, token.id});
        done = at = end;
    }
    if (done < text.size()) parts.push_back({done, text.size(), {}});
}

}  // namespace driftscope::llm
