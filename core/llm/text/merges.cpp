#include <algorithm>

#include "core/llm/text/tokenizer_parts.h"
#include "core/llm/text/unicode.h"

namespace driftscope::llm {
namespace {

/// Every cut of a token is tried, which is quadratic in its length; published tokens are far shorter than this.
constexpr std::size_t kLongestDerived = 1024;

}  // namespace

Result<MergeTable> makeMerges(const Vocabulary& vocabulary, const std::vector<std::pair<std::string, std::string>>& pairs,
                              const std::string& place) {
    MergeTable merges(pairs.size());
    for (std::size_t rank = 0; rank < pairs.size(); ++rank) {
        const auto& [left, right] = pairs[rank];
        const auto need = [&](const std::string& token) -> Result<TokenId> {
            if (const auto id = vocabulary.find(token)) return *id;
            return fail(ErrorCode::BadInput,
                        fmt::format("{}: merge {} ('{}' with '{}') needs the token '{}', which the vocabulary lacks.", place, rank + 1,
                                    left, right, token),
                        "The vocabulary and the merges do not belong together, or one is damaged.");
        };
        DS_ASSIGN(const TokenId a, need(left));
        DS_ASSIGN(const TokenId b, need(right));
        DS_ASSIGN(const TokenId whole, need(left + right));
        merges.insert(a, b, {static_cast<std::uint32_t>(rank), whole});
    }
    return merges;
}

MergeTable deriveMerges(const Vocabulary& vocabulary, const std::vector<std::int64_t>& ranks) {
    MergeTable merges(2 * ranks.size());
    for (TokenId id = 0; id < static_cast<TokenId>(ranks.size()); ++id) {
        if (ranks[static_cast<std::size_t>(id)] < 0) continue;
        const std::string_view whole = vocabulary.token(id);
        if (whole.size() > kLongestDerived) continue;
        for (std::size_t at = whole.empty() ? 0 : codePointAt(whole, 0).length; at < whole.size(); at += codePointAt(whole, at).length) {
            const auto left = vocabulary.find(whole.substr(0, at));
            const auto right = vocabulary.find(whole.substr(at));
            if (left && right) merges.insert(*left, *right, {static_cast<std::uint32_t>(ranks[static_cast<std::size_t>(id)]), id});
        }
    }
    return merges;
}

}  // namespace driftscope::llm
