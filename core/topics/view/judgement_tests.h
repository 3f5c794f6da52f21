#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace driftscope::topics {

constexpr std::size_t kIntrusionWords = 5;   ///< words of the topic that are shown
constexpr std::size_t kForbiddenWords = 50;  ///< the intruder stands in none of so many first words of the topic …
constexpr std::size_t kFallbackWords = 10;   ///< … or, when every candidate does, of so many
constexpr std::size_t kRatedWords = 10;      ///< words shown for a rating

/// One word-intrusion question: which of six words does not belong?
struct IntrusionItem {
    std::uint32_t topic = 0;
    std::uint32_t donor = 0;                                  ///< the topic that the intruder comes from
    std::array<std::uint32_t, kIntrusionWords> words{};       ///< first words of the topic, best first
    std::uint32_t intruder = 0;
    bool fallback = false;                                    ///< the intruder is among the first 50 words of the topic, but not the first 10
};

/// Questions for all topics in random order, by the rules of Hoyle et al. 2021 (Chang et al. 2009): for each topic another one
/// is drawn as donor, each at most once; the intruder is drawn among its first five words that are not among the first 50 of the
/// topic, or not among the first 10 when there is none. Topics without an intruder are left out and named in `skipped`.
/// `topics`: word ids, best first, at least 5 each where a question is to be made. Same seed, same questions.
std::vector<IntrusionItem> intrusionItems(const std::vector<std::vector<std::uint32_t>>& topics, std::uint64_t seed, std::vector<std::uint32_t>* skipped = nullptr);

/// The order in which one rater sees the six words: entries 0 … 4 are words of the topic, 5 the intruder. Depends on the rater,
/// so that positions carry no meaning over raters.
std::array<std::size_t, kIntrusionWords + 1> wordOrder(const IntrusionItem& item, std::uint64_t seed, const std::string& rater);

/// A random order of 0 … count-1 for a rater.
std::vector<std::uint32_t> raterOrder(std::size_t count, std::uint64_t seed, const std::string& rater);

/// Probability of `right` or more correct answers in `answers` by guessing one of six (binomial upper tail); 1 for none.
double chanceOfGuessing(std::size_t right, std::size_t answers);

}  // namespace driftscope::topics
