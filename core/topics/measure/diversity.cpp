#include "core/topics/measure/diversity.h"

#include <algorithm>

#include "core/topics/measure/rank_overlap.h"

namespace driftscope::topics {

Diversity diversity(const std::vector<std::vector<std::uint32_t>>& topics, std::size_t topWords, double p, std::size_t words) {
    std::vector<std::span<const std::uint32_t>> lists;
    std::vector<std::uint32_t> times(words, 0);
    double listed = 0;
    for (const auto& topic : topics) {
        lists.emplace_back(topic.data(), std::min(topWords, topic.size()));
        for (const std::uint32_t word : lists.back()) ++times[word];
        listed += static_cast<double>(lists.back().size());
    }
    Diversity result;
    if (listed == 0) return result;
    result.topicDiversity = static_cast<double>(std::count_if(times.begin(), times.end(), [](std::uint32_t n) { return n > 0; })) / listed;
    double counted = 0;
    for (const auto& list : lists) {
        double sum = 0;
        for (const std::uint32_t word : list) sum += 1.0 / times[word];
        result.uniqueness.push_back(list.empty() ? 0 : sum / static_cast<double>(list.size()));
        result.topicUniqueness += result.uniqueness.back();
        counted += !list.empty();
    }
    result.topicUniqueness /= counted;
    double pairs = 0;
    for (std::size_t a = 0; a < lists.size(); ++a)
        for (std::size_t b = a + 1; b < lists.size(); ++b) {
            if (lists[a].empty() || lists[b].empty()) continue;
            ++pairs;
            result.rbo += rankOverlap(lists[a], lists[b], OverlapKind::Extrapolated, p, words);
            const auto shared = std::count_if(lists[a].begin(), lists[a].end(), [&](std::uint32_t word) { return std::find(lists[b].begin(), lists[b].end(), word) != lists[b].end(); });
            result.overlap += static_cast<double>(shared) / static_cast<double>(std::min(lists[a].size(), lists[b].size()));
        }
    if (pairs > 0) {
        result.rbo /= pairs;
        result.overlap /= pairs;
    }
    result.invertedRbo = 1 - result.rbo;
    return result;
}

}  // namespace driftscope::topics
