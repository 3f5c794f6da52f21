#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/topics/data/corpus.h"
#include "core/topics/measure/partition_scores.h"

namespace driftscope::topics {

struct Spread {
    double low = 0, high = 0;  ///< 2.5 % and 97.5 % quantiles
};

/// The five scores with an interval for each, in the order of PartitionScores.
struct ScoreSpreads {
    Spread ari, nmi, purity, inversePurity, p1;
};

/// How far the topics of documents agree with one level of human categories.
struct LevelAlignment {
    std::string level;
    std::size_t documents = 0;         ///< with a category
    std::size_t missing = 0;           ///< without: left out
    std::size_t categories = 0;        ///< that occur
    std::size_t topicsUsed = 0;        ///< that are the largest of some document
    PartitionScores scores;
    ScoreSpreads bootstrap;            ///< over documents
    PartitionScores shuffled;          ///< mean over shuffled categories: what chance gives with these cluster sizes
    double majority = 0;               ///< purity of a single cluster: the share of the largest category
    std::vector<std::uint64_t> counts; ///< K x categories
};

struct AlignmentSettings {
    std::size_t bootstrap = 1000;      ///< resamples of the documents; 0 skips the intervals
    std::size_t shuffles = 20;
    std::uint64_t seed = 42;
};

/// Compares the hard assignment (largest topic) of every document with its category; documents without one are left out.
LevelAlignment align(std::span<const std::uint32_t> topics, std::size_t topicCount, const LabelLevel& level, const AlignmentSettings& settings);

nlohmann::json toJson(const PartitionScores& scores);
nlohmann::json toJson(const LevelAlignment& alignment);

}  // namespace driftscope::topics
