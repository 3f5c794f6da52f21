#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "core/topics/data/tokenizer.h"

namespace driftscope::topics {

/// When two neighbouring words count as one.
struct PhraseRules {
    std::int64_t minimumCount = 10;  ///< how often the pair stands side by side
    double threshold = 0.5;          ///< normalised pointwise mutual information, -1 … 1 (Bouma 2009)
};

/// Joins neighbouring words that belong together ("prime_minister") with '_', from left to right, in every document.
/// Neighbours are separated by blanks or a hyphen only, and none is in `excluded` (by form). The parts of a joined pair
/// no longer count on their own. Returns how many pairs of forms were joined.
std::size_t joinPhrases(std::vector<std::vector<Token>>& documents, const std::vector<std::string>& texts, const std::vector<bool>& excluded,
                        const PhraseRules& rules, Tokenizer& forms);

}  // namespace driftscope::topics
