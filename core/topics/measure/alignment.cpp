#include "core/topics/measure/alignment.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/base/fingerprint.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;

/// Documents that have a category: topic and category of each.
struct Pairs {
    std::vector<std::uint32_t> topics, categories;
};

Pairs labelled(std::span<const std::uint32_t> topics, const LabelLevel& level) {
    Pairs pairs;
    for (std::size_t d = 0; d < topics.size(); ++d)
        if (level.categories.codes[d] >= 0) {
            pairs.topics.push_back(topics[d]);
            pairs.categories.push_back(static_cast<std::uint32_t>(level.categories.codes[d]));
        }
    return pairs;
}

Spread spreadOf(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const auto at = [&](double share) { return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5)]; };
    return {at(0.025), at(0.975)};
}

ScoreSpreads bootstrapOf(const Pairs& pairs, std::size_t topicCount, std::size_t categoryCount, const AlignmentSettings& settings) {
    std::vector<double> values[5];
    Contingency table(topicCount, categoryCount);
    for (std::size_t b = 0; b < settings.bootstrap; ++b) {
        table.clear();
        for (std::size_t i = 0; i < pairs.topics.size(); ++i) {
            const std::size_t drawn = randomBits(settings.seed, b, i) % pairs.topics.size();
            table.add(pairs.topics[drawn], pairs.categories[drawn]);
        }
        const PartitionScores s = table.scores();
        const double row[] = {s.ari, s.nmi, s.purity, s.inversePurity, s.p1};
        for (std::size_t j = 0; j < 5; ++j) values[j].push_back(row[j]);
    }
    return {spreadOf(values[0]), spreadOf(values[1]), spreadOf(values[2]), spreadOf(values[3]), spreadOf(values[4])};
}

PartitionScores shuffledMean(const Pairs& pairs, std::size_t topicCount, std::size_t categoryCount, const AlignmentSettings& settings) {
    PartitionScores mean;
    std::vector<std::uint32_t> categories = pairs.categories;
    Contingency table(topicCount, categoryCount);
    const auto share = 1.0 / static_cast<double>(settings.shuffles);
    for (std::size_t s = 0; s < settings.shuffles; ++s) {
        for (std::size_t i = categories.size(); i > 1; --i) std::swap(categories[i - 1], categories[randomBits(settings.seed, ~s, i) % i]);
        table.clear();
        for (std::size_t i = 0; i < categories.size(); ++i) table.add(pairs.topics[i], categories[i]);
        const PartitionScores one = table.scores();
        mean.ari += share * one.ari;
        mean.nmi += share * one.nmi;
        mean.purity += share * one.purity;
        mean.inversePurity += share * one.inversePurity;
        mean.p1 += share * one.p1;
    }
    return mean;
}

json spreadJson(const Spread& spread) {
    return {spread.low, spread.high};
}

}  // namespace

LevelAlignment align(std::span<const std::uint32_t> topics, std::size_t topicCount, const LabelLevel& level, const AlignmentSettings& settings) {
    const Pairs pairs = labelled(topics, level);
    const std::size_t categoryCount = level.categories.categories.size();
    LevelAlignment result;
    result.level = level.name;
    result.documents = pairs.topics.size();
    result.missing = topics.size() - pairs.topics.size();
    result.counts.assign(topicCount * categoryCount, 0);
    if (pairs.topics.empty()) return result;
    Contingency table(topicCount, categoryCount);
    std::vector<std::uint64_t> perTopic(topicCount, 0), perCategory(categoryCount, 0);
    for (std::size_t i = 0; i < pairs.topics.size(); ++i) {
        table.add(pairs.topics[i], pairs.categories[i]);
        ++result.counts[pairs.topics[i] * categoryCount + pairs.categories[i]];
        ++perTopic[pairs.topics[i]];
        ++perCategory[pairs.categories[i]];
    }
    const auto used = [](const std::vector<std::uint64_t>& counts) { return static_cast<std::size_t>(std::count_if(counts.begin(), counts.end(), [](std::uint64_t n) { return n > 0; })); };
    result.topicsUsed = used(perTopic);
    result.categories = used(perCategory);
    result.majority = static_cast<double>(*std::max_element(perCategory.begin(), perCategory.end())) / static_cast<double>(pairs.topics.size());
    result.scores = table.scores();
    if (settings.bootstrap > 0) result.bootstrap = bootstrapOf(pairs, topicCount, categoryCount, settings);
    if (settings.shuffles > 0) result.shuffled = shuffledMean(pairs, topicCount, categoryCount, settings);
    return result;
}

json toJson(const PartitionScores& scores) {
    return {{"ari", scores.ari}, {"nmi", scores.nmi}, {"purity", scores.purity}, {"inverse_purity", scores.inversePurity}, {"p1", scores.p1}};
}

json toJson(const LevelAlignment& alignment) {
    const ScoreSpreads& b = alignment.bootstrap;
    json out = toJson(alignment.scores);
    out["level"] = alignment.level;
    out["documents"] = alignment.documents;
    out["missing"] = alignment.missing;
    out["categories"] = alignment.categories;
    out["topics_used"] = alignment.topicsUsed;
    out["majority"] = alignment.majority;
    out["shuffled"] = toJson(alignment.shuffled);
    out["interval"] = {{"ari", spreadJson(b.ari)}, {"nmi", spreadJson(b.nmi)}, {"purity", spreadJson(b.purity)}, {"inverse_purity", spreadJson(b.inversePurity)}, {"p1", spreadJson(b.p1)}};
    return out;
}

}  // namespace driftscope::topics
