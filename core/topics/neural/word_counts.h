#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/topics/data/corpus.h"

namespace driftscope::topics {

/// Documents as sparse rows of word counts, word ids ascending within a row.
struct WordCounts {
    std::size_t words = 0;                  ///< V
    std::vector<std::int64_t> offsets{0};   ///< documents + 1
    std::vector<std::int32_t> ids;
    std::vector<float> counts;

    std::size_t documents() const { return offsets.size() - 1; }
};

WordCounts countWords(const Corpus& corpus);
/// The rows of some documents, in this order.
WordCounts selectRows(const WordCounts& all, std::span<const std::uint32_t> which);

/// The documents with words in the random order of an epoch, a function of (seed, epoch) alone.
std::vector<std::uint32_t> epochOrder(const WordCounts& counts, std::uint64_t seed, std::int64_t epoch);

}  // namespace driftscope::topics
