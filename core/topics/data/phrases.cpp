#include "core/topics/data/phrases.h"

#include <cmath>
#include <unordered_map>

namespace driftscope::topics {
namespace {

using Pair = std::uint64_t;

Pair pairOf(std::uint32_t a, std::uint32_t b) {
    return static_cast<Pair>(a) << 32 | b;
}

bool sideBySide(const std::string& text, const Token& a, const Token& b) {
    for (std::uint32_t i = a.span.end; i < b.span.begin; ++i)
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '-' && text[i] != '\n' && text[i] != '\r') return false;
    return true;
}

}  // namespace

std::size_t joinPhrases(std::vector<std::vector<Token>>& documents, const std::vector<std::string>& texts, const std::vector<bool>& excluded,
                        const PhraseRules& rules, Tokenizer& forms) {
    std::unordered_map<Pair, std::int64_t> pairs;
    std::vector<std::int64_t> singles(forms.forms().size(), 0);
    double total = 0;
    for (std::size_t d = 0; d < documents.size(); ++d)
        for (std::size_t i = 0; i < documents[d].size(); ++i) {
            const Token& token = documents[d][i];
            ++singles[token.form];
            ++total;
            if (i == 0) continue;
            const Token& before = documents[d][i - 1];
            if (!excluded[token.form] && !excluded[before.form] && sideBySide(texts[d], before, token)) ++pairs[pairOf(before.form, token.form)];
        }
    std::unordered_map<Pair, std::uint32_t> joined;
    for (const auto& [pair, count] : pairs) {
        if (count < rules.minimumCount) continue;
        const auto a = static_cast<std::uint32_t>(pair >> 32);
        const auto b = static_cast<std::uint32_t>(pair);
        const double together = static_cast<double>(count) / total;
        const double npmi = std::log(together * total * total / (static_cast<double>(singles[a]) * static_cast<double>(singles[b]))) / -std::log(together);
        if (npmi >= rules.threshold) joined.emplace(pair, 0);
    }
    for (auto& [pair, form] : joined) form = forms.formOf(forms.forms()[pair >> 32] + "_" + forms.forms()[static_cast<std::uint32_t>(pair)]);
    for (std::size_t d = 0; d < documents.size(); ++d) {
        std::vector<Token> merged;
        for (const Token& token : documents[d]) {
            const auto found = merged.empty() ? joined.end() : joined.find(pairOf(merged.back().form, token.form));
            if (found == joined.end() || !sideBySide(texts[d], merged.back(), token))
                merged.push_back(token);
            else
                merged.back() = {found->second, {merged.back().span.begin, token.span.end}};
        }
        documents[d] = std::move(merged);
    }
    return joined.size();
}

}  // namespace driftscope::topics
