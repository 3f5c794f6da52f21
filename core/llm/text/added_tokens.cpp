#include "core/llm/text/added_tokens.h"

#include <algorithm>

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
        any_[token.normalized ? 1 : 0] = true;
        auto& entries = byFirstByte_[static_cast<unsigned char>(pattern[0])];
        entries.push_back({std::move(pattern), tokens_.size()});
        std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.pattern.size() > b.pattern.size(); });
    }
    tokens_.push_back(std::move(token));
}

const AddedTokens::Entry* AddedTokens::longestAt(std::string_view text, std::size_t at, bool normalized) const {
    for (const Entry& entry : byFirstByte_[static_cast<unsigned char>(text[at])])
        if (tokens_[entry.token].normalized == normalized && text.substr(at).starts_with(entry.pattern)) return &entry;
    return nullptr;
}

void AddedTokens::split(std::string_view text, bool keepSpecial, bool normalized, std::vector<Part>& parts) const {
    std::size_t done = 0;
    for (std::size_t at = 0; any_[normalized ? 1 : 0] && at < text.size();) {
        const Entry* entry = longestAt(text, at, normalized);
        if (!entry) {
            ++at;
            continue;
        }
        const AddedToken& token = tokens_[entry->token];
        std::size_t begin = at;
        std::size_t end = at + entry->pattern.size();
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
