#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/topics/data/topic_run.h"
#include "core/topics/measure/topic_distance.h"

namespace driftscope::topics {

/// How the runs of one setting are compared.
struct StabilitySettings {
    bool paper = true;             ///< as Hoyle et al. 2022 compute it; else documents by extrapolated RBO, equal lists at 0
    DistanceKind distance = DistanceKind::Rbo;
    std::size_t topWords = 50;
    double wordPersistence = 1;    ///< p of RBO over words; 1 is average overlap
    double documentPersistence = 0.9;
};

/// Two runs: topics matched at least total distance.
struct PairStability {
    std::size_t a = 0, b = 0;
    Matching words, documents;          ///< topics of a to topics of b, by their words and by their documents
    std::vector<double> wordCosts, documentCosts;  ///< of each topic of a; NaN where unmatched
    double ari = 0;                     ///< of the hard assignments of documents
};

/// A value over pairs of runs, with an interval that knows that pairs share runs.
struct PairSummary {
    double mean = 0, deviation = 0;
    std::vector<double> quantiles;      ///< 0, .25, .5, .75, 1
    std::optional<double> low, high;    ///< mean +- 1.96 jackknife errors over runs; absent for fewer than 3 runs
};

struct Stability {
    std::size_t runs = 0, topics = 0;
    std::size_t wordDepth = 0, documentDepth = 0;  ///< lengths of the compared lists
    std::vector<PairStability> pairs;
    PairSummary wordTotal, wordMean;          ///< sum of the K matched distances, and divided by K
    PairSummary documentTotal, documentMean;
    PairSummary ari;
    double uniqueDocumentWords = 0;     ///< 0: a document's topic has the same words in every run; 1: never
    double uniqueTopicWords = 0;        ///< the same for all topics pooled
    std::vector<std::vector<double>> topicStability;  ///< [run][topic]: mean distance by words to its match in the others
    double identicalDocuments = 0;      ///< distance of equal document lists: 0.9^depth in the paper's mode
};

/// Compares all pairs. Needs two or more runs with the same vocabulary and as many documents; different numbers of topics
/// are matched as far as they go. Errors name the run that does not fit. `progress` gets pairs done and in all; returning
/// false stops.
Result<Stability> stability(const std::vector<TopicRun>& runs, const StabilitySettings& settings, const std::function<bool(std::size_t, std::size_t)>& progress = {});

/// Mean of `value` over pairs with its jackknife over runs: leaving out a run leaves out its pairs.
PairSummary summarise(const std::vector<PairStability>& pairs, std::size_t runs, const std::function<double(const PairStability&)>& value);

/// (distinct - 50) / (50 (m - 1)) over the words of each document's largest topic in m runs, mean over documents.
double uniqueDocumentWords(const std::vector<std::vector<std::vector<std::uint32_t>>>& topWordsOfRuns, const std::vector<std::vector<std::uint32_t>>& hardOfRuns);
/// The same for the words of all topics of a run pooled, where the j-th repetition of a word within a run counts as another word.
double uniqueTopicWords(const std::vector<std::vector<std::vector<std::uint32_t>>>& topWordsOfRuns);

/// All documents have the same largest topic: the paper leaves such runs out.
bool isPathological(const TopicRun& run);

nlohmann::json toJson(const PairSummary& summary);
nlohmann::json toJson(const Stability& stability);

}  // namespace driftscope::topics
