#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/topics/data/corpus.h"

namespace driftscope::topics {

/// Which coherence (Röder, Both and Hinneburg 2015, by gensim's names).
enum class CoherenceMeasure {
    Npmi,          ///< c_npmi: mean normalised pointwise mutual information of all ordered pairs; window 10
    Cv,            ///< c_v: cosine of each word's NPMI vector with the topic's; window 110
    Uci,           ///< c_uci: mean pointwise mutual information; window 10
    UMass,         ///< u_mass: ln (D(i, j) + e) / D(j) for j before i; whole documents
    NpmiInternal,  ///< NPMI over whole documents with 0 for pairs that never meet, as the paper's training code uses it
};
/// "c_npmi", "c_v", "c_uci", "u_mass", "npmi_internal".
std::string_view name(CoherenceMeasure measure);
std::optional<CoherenceMeasure> coherenceFromName(std::string_view name);
std::size_t defaultWindow(CoherenceMeasure measure);  ///< 0: whole documents

/// Exact: a word counts in every window it stands in. Gensim: as gensim 4 counts, which forgets a word when its first copy
/// leaves the window although another is still inside.
enum class WindowCounting { Exact, Gensim };

struct CoherenceSettings {
    CoherenceMeasure measure = CoherenceMeasure::Npmi;
    WindowCounting counting = WindowCounting::Exact;
    std::size_t window = 10;     ///< tokens; 0: whole documents
    std::size_t topWords = 10;   ///< words of each topic, from the first
};

struct Coherence {
    std::vector<double> perTopic;       ///< NaN where fewer than two words are known
    double mean = 0;                    ///< over topics that have a value
    std::uint64_t windows = 0;          ///< in the reference corpus
    std::vector<std::string> unknown;   ///< words of the topics that the reference does not have: left out
    std::size_t unscored = 0;           ///< topics without a value
};

/// The coherence of topics (words, best first) in a reference corpus. Errors: no topics, windows over a corpus whose word
/// order is not known.
Result<Coherence> coherence(const std::vector<std::vector<std::string>>& topics, const Corpus& reference, const CoherenceSettings& settings);

/// The windows in which each of some words stands, as runs of neighbouring windows, for counting words and pairs.
class WindowRuns {
  public:
    struct Run {
        std::uint64_t begin = 0, end = 0;  ///< windows begin … end - 1
    };
    WindowRuns(const Corpus& corpus, const std::vector<std::uint32_t>& words, std::size_t window, WindowCounting counting);
    std::uint64_t windows() const { return windows_; }
    std::uint64_t count(std::size_t index) const { return counts_[index]; }      ///< windows with words[index]
    std::uint64_t together(std::size_t a, std::size_t b) const;                  ///< windows with both

  private:
    std::uint64_t windows_ = 0;
    std::vector<std::vector<Run>> runs_;
    std::vector<std::uint64_t> counts_;
};

}  // namespace driftscope::topics
