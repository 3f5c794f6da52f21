#include "core/topics/view/judgement_tests.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "core/base/fingerprint.h"
#include "core/topics/measure/human_answers.h"

namespace driftscope::topics {
namespace {

// Streams of the seed.
constexpr std::uint64_t kTopicOrder = 1, kDonor = 2, kWord = 3;

std::uint64_t hashOf(const std::string& text) {
    return std::stoull(fingerprintBytes(std::as_bytes(std::span(text.data(), text.size()))), nullptr, 16);
}

/// Fisher and Yates with the counter-based stream.
template <class Range>
void shuffle(Range& values, std::uint64_t seed, std::uint64_t stream) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[randomBits(seed, stream, i) % i]);
}

std::span<const std::uint32_t> first(const std::vector<std::uint32_t>& words, std::size_t count) {
    return {words.data(), std::min(count, words.size())};
}

/// First words of the donor that are not among `forbidden` first words of the topic.
std::vector<std::uint32_t> candidates(const std::vector<std::uint32_t>& donor, const std::vector<std::uint32_t>& topic, std::size_t forbidden) {
    std::vector<std::uint32_t> out;
    const auto taboo = first(topic, forbidden);
    for (const std::uint32_t word : first(donor, kIntrusionWords))
        if (std::find(taboo.begin(), taboo.end(), word) == taboo.end()) out.push_back(word);
    return out;
}

}  // namespace

std::vector<std::uint32_t> raterOrder(std::size_t count, std::uint64_t seed, const std::string& rater) {
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    shuffle(order, seed ^ hashOf(rater), kTopicOrder);
    return order;
}

std::vector<IntrusionItem> intrusionItems(const std::vector<std::vector<std::uint32_t>>& topics, std::uint64_t seed, std::vector<std::uint32_t>* skipped) {
    std::vector<std::uint32_t> order(topics.size());
    std::iota(order.begin(), order.end(), 0);
    shuffle(order, seed, kTopicOrder);
    std::vector<bool> used(topics.size(), false);
    std::vector<IntrusionItem> items;
    const auto leaveOut = [&](std::uint32_t topic) {
        if (skipped) skipped->push_back(topic);
    };
    for (const std::uint32_t topic : order) {
        std::vector<std::uint32_t> donors;
        for (std::uint32_t k = 0; k < topics.size(); ++k)
            if (k != topic && !used[k] && !topics[k].empty()) donors.push_back(k);
        if (donors.empty() || topics[topic].size() < kIntrusionWords) {
            leaveOut(topic);
            continue;
        }
        const std::uint32_t donor = donors[randomBits(seed, kDonor, topic) % donors.size()];
        used[donor] = true;
        IntrusionItem item{.topic = topic, .donor = donor};
        std::vector<std::uint32_t> words = candidates(topics[donor], topics[topic], kForbiddenWords);
        if (words.empty()) {
            words = candidates(topics[donor], topics[topic], kFallbackWords);
            item.fallback = true;
        }
        if (words.empty()) {
            leaveOut(topic);
            continue;
        }
        item.intruder = words[randomBits(seed, kWord, topic) % words.size()];
        std::copy_n(topics[topic].begin(), kIntrusionWords, item.words.begin());
        items.push_back(item);
    }
    return items;
}

std::array<std::size_t, kIntrusionWords + 1> wordOrder(const IntrusionItem& item, std::uint64_t seed, const std::string& rater) {
    std::array<std::size_t, kIntrusionWords + 1> order{};
    std::iota(order.begin(), order.end(), 0);
    shuffle(order, seed ^ hashOf(rater), 100 + item.topic);
    return order;
}

double chanceOfGuessing(std::size_t right, std::size_t answers) {
    if (right == 0) return 1;
    double tail = 0;
    const auto n = static_cast<double>(answers);
    for (std::size_t hits = right; hits <= answers; ++hits) {
        const auto h = static_cast<double>(hits);
        tail += std::exp(std::lgamma(n + 1) - std::lgamma(h + 1) - std::lgamma(n - h + 1) + h * std::log(kIntrusionChance) + (n - h) * std::log(1 - kIntrusionChance));
    }
    return std::min(tail, 1.0);
}

}  // namespace driftscope::topics
