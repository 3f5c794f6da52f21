#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace driftscope::topics {

/// How different the topics of one run are, from their first words (fewer where a topic lists fewer).
struct Diversity {
    double topicDiversity = 0;     ///< distinct words / all words (Dieng, Ruiz and Blei 2020; n = 25)
    double topicUniqueness = 0;    ///< mean over topics of the mean of 1 / topics that list the word (Nan et al. 2019; n = 10)
    double overlap = 0;            ///< mean over pairs of topics of the shared words / n
    double rbo = 0;                ///< mean rank-biased overlap of pairs, extrapolated (p = 0.9)
    double invertedRbo = 0;        ///< 1 - rbo
    std::vector<double> uniqueness;  ///< per topic
};

/// `topics` lists word ids below `words`, best first; topics without words are left out of the pairs.
Diversity diversity(const std::vector<std::vector<std::uint32_t>>& topics, std::size_t topWords, double p, std::size_t words);

}  // namespace driftscope::topics
