#include <algorithm>

#include "core/topics/measure/coherence.h"

namespace driftscope::topics {
namespace {

using Run = WindowRuns::Run;
constexpr std::uint32_t kIgnored = 0xFFFFFFFF;

void append(std::vector<Run>& runs, std::uint64_t begin, std::uint64_t end) {
    if (!runs.empty() && runs.back().end >= begin)
        runs.back().end = std::max(runs.back().end, end);
    else
        runs.push_back({begin, end});
}

/// Windows start at 0 … last within a document. A word at position p stands in those that start at p - width + 1 … p.
void addExact(std::vector<Run>& runs, const std::vector<std::uint32_t>& positions, std::uint64_t base, std::uint64_t last, std::uint64_t width) {
    for (const std::uint64_t p : positions) append(runs, base + (p >= width ? p - width + 1 : 0), base + std::min(p, last) + 1);
}

/// gensim keeps a mark per word: the first window sets the marks of its words; each later window clears the mark of the token
/// that leaves, then sets that of the token that enters.
void addAsGensim(std::vector<Run>& runs, const std::vector<std::uint32_t>& positions, std::uint64_t base, std::uint64_t last, std::uint64_t width) {
    bool present = positions.front() < width;
    std::uint64_t since = 0;
    std::size_t leaving = 0;
    std::size_t entering = static_cast<std::size_t>(std::partition_point(positions.begin(), positions.end(), [&](std::uint32_t p) { return p < width; }) - positions.begin());
    while (true) {
        const std::uint64_t out = leaving < positions.size() ? positions[leaving] + 1ull : last + 1;
        const std::uint64_t in = entering < positions.size() ? positions[entering] - width + 1 : last + 1;
        const std::uint64_t at = std::min(out, in);
        if (at > last) break;
        if (out == at) {
            if (present) append(runs, base + since, base + at);
            present = false;
            ++leaving;
        }
        if (in == at) {
            if (!present) since = at;
            present = true;
            ++entering;
        }
    }
    if (present) append(runs, base + since, base + last + 1);
}

}  // namespace

WindowRuns::WindowRuns(const Corpus& corpus, const std::vector<std::uint32_t>& words, std::size_t window, WindowCounting counting)
    : runs_(words.size()), counts_(words.size(), 0) {
    std::vector<std::uint32_t> indexOf(corpus.vocabulary.size(), kIgnored);
    for (std::size_t i = 0; i < words.size(); ++i) indexOf[words[i]] = static_cast<std::uint32_t>(i);
    std::vector<std::vector<std::uint32_t>> positions(words.size());
    std::vector<std::uint32_t> touched;
    for (std::size_t d = 0; d < corpus.documents(); ++d) {
        const auto document = corpus.document(d);
        if (document.empty()) continue;
        const std::uint64_t width = window == 0 ? document.size() : window;
        // A document shorter than the window is one window.
        const std::uint64_t last = document.size() > width ? document.size() - width : 0;
        touched.clear();
        for (std::size_t p = 0; p < document.size(); ++p)
            if (const std::uint32_t index = indexOf[document[p]]; index != kIgnored) {
                if (positions[index].empty()) touched.push_back(index);
                positions[index].push_back(static_cast<std::uint32_t>(p));
            }
        for (const std::uint32_t index : touched) {
            if (counting == WindowCounting::Gensim)
                addAsGensim(runs_[index], positions[index], windows_, last, width);
            else
                addExact(runs_[index], positions[index], windows_, last, width);
            positions[index].clear();
        }
        windows_ += last + 1;
    }
    for (std::size_t i = 0; i < runs_.size(); ++i)
        for (const Run& run : runs_[i]) counts_[i] += run.end - run.begin;
}

std::uint64_t WindowRuns::together(std::size_t a, std::size_t b) const {
    std::uint64_t count = 0;
    auto first = runs_[a].begin();
    auto second = runs_[b].begin();
    while (first != runs_[a].end() && second != runs_[b].end()) {
        const std::uint64_t begin = std::max(first->begin, second->begin);
        const std::uint64_t end = std::min(first->end, second->end);
        if (end > begin) count += end - begin;
        if (first->end < second->end)
            ++first;
        else
            ++second;
    }
    return count;
}

}  // namespace driftscope::topics
