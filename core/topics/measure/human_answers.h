#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace driftscope::topics {

/// What people said of one topic, and what metrics say.
struct JudgedTopic {
    std::string corpus, model;
    std::size_t index = 0;                     ///< native number within the model
    std::vector<std::string> words;            ///< best first
    std::vector<double> ratings;               ///< 1 not related … 3 very related, one per rater
    std::vector<double> intrusions;            ///< 1 when the rater found the intruder, else 0
    std::map<std::string, double> metrics;     ///< c_npmi_10_full, c_v_full, …; those without a value are absent

    double meanRating() const;
    double intrusionAccuracy() const;
};

/// Reads the answers of Hoyle et al. 2021 (data/human/all_data/all_data.json: corpus -> model -> metrics and topics), or a
/// file in the same layout. Errors: other layout, lists of different lengths (place named).
Result<std::vector<JudgedTopic>> readJudgedTopics(const std::filesystem::path& file);

/// How human scores and a metric go together over topics.
struct MetricCorrelation {
    std::string task, corpus, metric;  ///< task: "ratings" or "intrusions"; corpus "all" pools them
    std::size_t topics = 0;
    double spearman = 0, pearson = 0;
    double low = 0, high = 0;          ///< 95 % bootstrap interval of spearman, over topics
};

/// Correlations of every metric that has a value for at least three topics, per task and corpus and over all.
std::vector<MetricCorrelation> correlate(const std::vector<JudgedTopic>& topics, std::size_t bootstrap, std::uint64_t seed);

/// How raters agree beyond chance (Krippendorff 2004), for units with any number of values each; nothing when no unit has
/// two values or all values are equal.
enum class AlphaScale { Nominal, Ordinal, Interval };
std::optional<double> krippendorffAlpha(const std::vector<std::vector<double>>& units, AlphaScale scale);

constexpr double kIntrusionChance = 1.0 / 6;  ///< five words of the topic and one intruder

/// Means per corpus and model, correlations and agreement, as the job writes them.
nlohmann::json summariseJudgements(const std::vector<JudgedTopic>& topics, std::size_t bootstrap, std::uint64_t seed);

}  // namespace driftscope::topics
