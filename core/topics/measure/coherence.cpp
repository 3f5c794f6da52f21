#include "core/topics/measure/coherence.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <unordered_map>

namespace driftscope::topics {
namespace {

constexpr double kEpsilon = 1e-12;  // gensim's
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

struct MeasureName {
    CoherenceMeasure measure;
    std::string_view name;
    std::size_t window;
};
constexpr MeasureName kMeasures[] = {{CoherenceMeasure::Npmi, "c_npmi", 10}, {CoherenceMeasure::Cv, "c_v", 110}, {CoherenceMeasure::Uci, "c_uci", 10},
                                     {CoherenceMeasure::UMass, "u_mass", 0}, {CoherenceMeasure::NpmiInternal, "npmi_internal", 0}};

/// Probabilities of words and pairs; pair (i, i) is the word itself.
class Probabilities {
  public:
    explicit Probabilities(const WindowRuns& runs) : runs_(runs), windows_(static_cast<double>(runs.windows())) {}
    double word(std::size_t i) const { return static_cast<double>(runs_.count(i)) / windows_; }
    double pair(std::size_t i, std::size_t j) const { return i == j ? word(i) : static_cast<double>(runs_.together(i, j)) / windows_; }

  private:
    const WindowRuns& runs_;
    double windows_;
};

double pmi(const Probabilities& p, std::size_t i, std::size_t j) {
    return std::log((p.pair(i, j) + kEpsilon) / (p.word(i) * p.word(j)));
}

double npmi(const Probabilities& p, std::size_t i, std::size_t j) {
    return pmi(p, i, j) / -std::log(p.pair(i, j) + kEpsilon);
}

/// Zero for pairs that never meet, as a model's own training code counts.
double internalNpmi(const Probabilities& p, std::size_t i, std::size_t j) {
    const double together = p.pair(i, j);
    if (together == 0) return 0;
    return together >= 1 ? 1 : std::log(together / (p.word(i) * p.word(j))) / -std::log(together);
}

template <class Score>
double meanOverPairs(const std::vector<std::size_t>& topic, const Score& score) {
    double sum = 0;
    for (std::size_t a = 0; a < topic.size(); ++a)
        for (std::size_t b = a + 1; b < topic.size(); ++b) sum += score(topic[a], topic[b]);
    return sum / (static_cast<double>(topic.size() * (topic.size() - 1)) / 2);
}

double cv(const Probabilities& p, const std::vector<std::size_t>& topic) {
    const std::size_t n = topic.size();
    std::vector<double> vectors(n * n), whole(n, 0);
    for (std::size_t a = 0; a < n; ++a)
        for (std::size_t b = a; b < n; ++b) vectors[a * n + b] = vectors[b * n + a] = npmi(p, topic[a], topic[b]);
    for (std::size_t a = 0; a < n; ++a)
        for (std::size_t b = 0; b < n; ++b) whole[b] += vectors[a * n + b];
    double mean = 0, wholeLength = 0;
    for (const double value : whole) wholeLength += value * value;
    for (std::size_t a = 0; a < n; ++a) {
        double dot = 0, length = 0;
        for (std::size_t b = 0; b < n; ++b) {
            dot += vectors[a * n + b] * whole[b];
            length += vectors[a * n + b] * vectors[a * n + b];
        }
        mean += dot / (std::sqrt(length) * std::sqrt(wholeLength));
    }
    return mean / static_cast<double>(n);
}

double scoreOf(const Probabilities& p, const std::vector<std::size_t>& topic, CoherenceMeasure measure) {
    if (topic.size() < 2) return kNone;
    switch (measure) {
        case CoherenceMeasure::Npmi: return meanOverPairs(topic, [&](std::size_t i, std::size_t j) { return npmi(p, i, j); });
        case CoherenceMeasure::Uci: return meanOverPairs(topic, [&](std::size_t i, std::size_t j) { return pmi(p, i, j); });
        case CoherenceMeasure::NpmiInternal: return meanOverPairs(topic, [&](std::size_t i, std::size_t j) { return internalNpmi(p, i, j); });
        // Of each pair, the word that stands earlier in the topic is the condition.
        case CoherenceMeasure::UMass: return meanOverPairs(topic, [&](std::size_t i, std::size_t j) { return std::log((p.pair(i, j) + kEpsilon) / p.word(i)); });
        case CoherenceMeasure::Cv: return cv(p, topic);
    }
    return kNone;
}

/// The words of all topics, numbered once each; topics as lists of those numbers.
struct Relevant {
    std::vector<std::uint32_t> words;
    std::vector<std::vector<std::size_t>> topics;
    std::vector<std::string> unknown;
};

Relevant relevantWords(const std::vector<std::vector<std::string>>& topics, const Corpus& reference, std::size_t topWords) {
    std::unordered_map<std::string_view, std::uint32_t> idOf;
    for (std::size_t w = 0; w < reference.vocabulary.size(); ++w) idOf.emplace(reference.vocabulary[w], static_cast<std::uint32_t>(w));
    // A word of the vocabulary may stand only in documents of another split.
    std::vector<bool> occurs(reference.vocabulary.size(), false);
    for (const std::uint32_t word : reference.words) occurs[word] = true;
    std::unordered_map<std::uint32_t, std::size_t> numberOf;
    std::set<std::string> unknown;
    Relevant relevant;
    for (const auto& topic : topics) {
        std::vector<std::size_t> numbers;
        for (std::size_t i = 0; i < std::min(topWords, topic.size()); ++i) {
            const auto found = idOf.find(topic[i]);
            if (found == idOf.end() || !occurs[found->second]) {
                unknown.insert(topic[i]);
                continue;
            }
            const auto [entry, isNew] = numberOf.try_emplace(found->second, relevant.words.size());
            if (isNew) relevant.words.push_back(found->second);
            numbers.push_back(entry->second);
        }
        relevant.topics.push_back(std::move(numbers));
    }
    relevant.unknown.assign(unknown.begin(), unknown.end());
    return relevant;
}

}  // namespace

std::string_view name(CoherenceMeasure measure) {
    for (const MeasureName& one : kMeasures)
        if (one.measure == measure) return one.name;
    return "";
}

std::optional<CoherenceMeasure> coherenceFromName(std::string_view wanted) {
    for (const MeasureName& one : kMeasures)
        if (one.name == wanted) return one.measure;
    return std::nullopt;
}

std::size_t defaultWindow(CoherenceMeasure measure) {
    for (const MeasureName& one : kMeasures)
        if (one.measure == measure) return one.window;
    return 0;
}

Result<Coherence> coherence(const std::vector<std::vector<std::string>>& topics, const Corpus& reference, const CoherenceSettings& settings) {
    if (topics.empty()) return fail(ErrorCode::BadInput, "There are no topics to score.", "Give a line of words per topic.");
    if (settings.window > 0 && !reference.ordered)
        return fail(ErrorCode::BadInput, "The order of words in the reference corpus is not known, so windows have no meaning.", "Use whole documents (window=0), or preprocess the texts themselves.");
    const Relevant relevant = relevantWords(topics, reference, settings.topWords);
    const WindowRuns runs(reference, relevant.words, settings.window, settings.counting);
    const Probabilities probabilities(runs);
    Coherence result;
    result.windows = runs.windows();
    result.unknown = relevant.unknown;
    double sum = 0;
    for (const auto& topic : relevant.topics) {
        result.perTopic.push_back(scoreOf(probabilities, topic, settings.measure));
        if (std::isfinite(result.perTopic.back()))
            sum += result.perTopic.back();
        else
            ++result.unscored;
    }
    const std::size_t scored = topics.size() - result.unscored;
    result.mean = scored ? sum / static_cast<double>(scored) : kNone;
    return result;
}

}  // namespace driftscope::topics
