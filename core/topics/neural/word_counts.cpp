#include "core/topics/neural/word_counts.h"

#include <algorithm>

#include "core/base/fingerprint.h"

namespace driftscope::topics {
namespace {
constexpr std::uint64_t kOrderStream = 0x6f7264;  // of shuffles, apart from those of training steps
}

WordCounts countWords(const Corpus& corpus) {
    WordCounts counts;
    counts.words = corpus.vocabulary.size();
    std::vector<std::uint32_t> words;
    for (std::size_t d = 0; d < corpus.documents(); ++d) {
        const auto document = corpus.document(d);
        words.assign(document.begin(), document.end());
        std::sort(words.begin(), words.end());
        for (std::size_t i = 0, j = 0; i < words.size(); i = j) {
            while (j < words.size() && words[j] == words[i]) ++j;
            counts.ids.push_back(static_cast<std::int32_t>(words[i]));
            counts.counts.push_back(static_cast<float>(j - i));
        }
        counts.offsets.push_back(static_cast<std::int64_t>(counts.ids.size()));
    }
    return counts;
}

WordCounts selectRows(const WordCounts& all, std::span<const std::uint32_t> which) {
    WordCounts part;
    part.words = all.words;
    for (const std::uint32_t d : which) {
        part.ids.insert(part.ids.end(), all.ids.begin() + all.offsets[d], all.ids.begin() + all.offsets[d + 1]);
        part.counts.insert(part.counts.end(), all.counts.begin() + all.offsets[d], all.counts.begin() + all.offsets[d + 1]);
        part.offsets.push_back(static_cast<std::int64_t>(part.ids.size()));
    }
    return part;
}

std::vector<std::uint32_t> epochOrder(const WordCounts& counts, std::uint64_t seed, std::int64_t epoch) {
    std::vector<std::uint32_t> order;
    for (std::size_t d = 0; d < counts.documents(); ++d)
        if (counts.offsets[d + 1] > counts.offsets[d]) order.push_back(static_cast<std::uint32_t>(d));
    const std::uint64_t stream = randomBits(seed, kOrderStream, static_cast<std::uint64_t>(epoch));
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[randomBits(stream, 0, i) % i]);
    return order;
}

}  // namespace driftscope::topics
