#include "core/topics/measure/stability.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/topics/measure/partition_scores.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;
using Lists = std::vector<std::vector<std::uint32_t>>;

/// What the comparisons need of a run, computed once.
struct Prepared {
    Lists words;      ///< first words of each topic
    Lists documents;  ///< documents of each topic, largest share first
    Matrix byTopic;   ///< theta transposed: only for distances other than RBO
    std::vector<std::uint32_t> hard;
};

Prepared prepare(const TopicRun& run, const StabilitySettings& settings, std::size_t documentDepth) {
    Prepared prepared{topWords(run.beta, settings.topWords), {}, transposed(run.theta), hardAssignments(run.theta)};
    prepared.documents = topWords(prepared.byTopic, documentDepth);
    if (settings.distance == DistanceKind::Rbo) prepared.byTopic = Matrix();
    return prepared;
}

OverlapKind documentKind(const StabilitySettings& settings) {
    return settings.paper ? OverlapKind::Truncated : OverlapKind::Extrapolated;
}

std::vector<double> costsOf(const CostMatrix& distances, const Matching& matching) {
    std::vector<double> costs;
    for (std::size_t k = 0; k < distances.rows; ++k)
        costs.push_back(matching.columnOf[k] == kUnmatched ? std::numeric_limits<double>::quiet_NaN() : distances(k, matching.columnOf[k]));
    return costs;
}

PairStability compare(const std::vector<TopicRun>& runs, const std::vector<Prepared>& prepared, std::size_t a, std::size_t b, const StabilitySettings& settings) {
    PairStability pair{.a = a, .b = b};
    const std::size_t words = runs[a].beta.columns, documents = runs[a].theta.rows;
    const bool ranks = settings.distance == DistanceKind::Rbo;
    const OverlapKind wordKind = settings.wordPersistence >= 1 ? OverlapKind::Average : settings.paper ? OverlapKind::Truncated : OverlapKind::Extrapolated;
    const CostMatrix byWords = ranks ? rankDistances(prepared[a].words, prepared[b].words, wordKind, settings.wordPersistence, words) : rowDistances(runs[a].beta, runs[b].beta, settings.distance);
    const CostMatrix byDocuments = ranks ? rankDistances(prepared[a].documents, prepared[b].documents, documentKind(settings), settings.documentPersistence, documents)
                                         : rowDistances(prepared[a].byTopic, prepared[b].byTopic, settings.distance);
    pair.words = leastMatching(byWords);
    pair.documents = leastMatching(byDocuments);
    pair.wordCosts = costsOf(byWords, pair.words);
    pair.documentCosts = costsOf(byDocuments, pair.documents);
    pair.ari = partitionScores(prepared[a].hard, prepared[b].hard).ari;
    return pair;
}

Result<void> checkRuns(const std::vector<TopicRun>& runs) {
    if (runs.size() < 2) return fail(ErrorCode::BadInput, "Stability needs two runs or more.", "Train the same model with another seed.");
    for (std::size_t r = 1; r < runs.size(); ++r) {
        if (runs[r].vocabulary != runs[0].vocabulary)
            return fail(ErrorCode::BadInput, fmt::format("Run {} has another vocabulary than run 1 ({} and {} words).", r + 1, runs[r].vocabulary.size(), runs[0].vocabulary.size()), "Compare runs of one corpus.");
        if (runs[r].theta.rows != runs[0].theta.rows)
            return fail(ErrorCode::BadInput, fmt::format("Run {} has {} documents, run 1 has {}.", r + 1, runs[r].theta.rows, runs[0].theta.rows), "Compare runs of one corpus and split.");
    }
    return {};
}

/// Mean distance of each topic to its match in every other run.
std::vector<std::vector<double>> perTopic(const std::vector<TopicRun>& runs, const std::vector<PairStability>& pairs) {
    std::vector<std::vector<double>> sums, counts;
    for (const TopicRun& run : runs) {
        sums.emplace_back(run.topics(), 0);
        counts.emplace_back(run.topics(), 0);
    }
    for (const PairStability& pair : pairs)
        for (std::size_t k = 0; k < pair.words.columnOf.size(); ++k) {
            const std::uint32_t other = pair.words.columnOf[k];
            if (other == kUnmatched) continue;
            sums[pair.a][k] += pair.wordCosts[k];
            sums[pair.b][other] += pair.wordCosts[k];
            ++counts[pair.a][k];
            ++counts[pair.b][other];
        }
    for (std::size_t r = 0; r < sums.size(); ++r)
        for (std::size_t k = 0; k < sums[r].size(); ++k) sums[r][k] = counts[r][k] > 0 ? sums[r][k] / counts[r][k] : std::numeric_limits<double>::quiet_NaN();
    return sums;
}

double matchedCount(const PairStability& pair) {
    return static_cast<double>(std::count_if(pair.words.columnOf.begin(), pair.words.columnOf.end(), [](std::uint32_t c) { return c != kUnmatched; }));
}

json finite(double value) {
    return std::isfinite(value) ? json(value) : json();
}

json finiteList(const std::vector<double>& values) {
    json list = json::array();
    for (const double value : values) list.push_back(finite(value));
    return list;
}

json matchingJson(const Matching& matching) {
    json list = json::array();
    for (const std::uint32_t column : matching.columnOf) list.push_back(column == kUnmatched ? json() : json(column));
    return list;
}

}  // namespace

bool isPathological(const TopicRun& run) {
    const std::vector<std::uint32_t> hard = hardAssignments(run.theta);
    return run.topics() > 1 && hard.size() > 1 && std::all_of(hard.begin(), hard.end(), [&](std::uint32_t topic) { return topic == hard[0]; });
}

double uniqueDocumentWords(const std::vector<Lists>& topWordsOfRuns, const std::vector<std::vector<std::uint32_t>>& hardOfRuns) {
    const double depth = static_cast<double>(topWordsOfRuns[0][0].size());
    const double others = static_cast<double>(topWordsOfRuns.size()) - 1;
    if (hardOfRuns[0].empty() || others < 1) return 0;
    // Documents with the same largest topics in every run share the value.
    std::map<std::vector<std::uint32_t>, double> known;
    double sum = 0;
    for (std::size_t d = 0; d < hardOfRuns[0].size(); ++d) {
        std::vector<std::uint32_t> combination;
        for (const auto& hard : hardOfRuns) combination.push_back(hard[d]);
        const auto [entry, isNew] = known.try_emplace(combination, 0);
        if (isNew) {
            std::set<std::uint32_t> words;
            for (std::size_t r = 0; r < combination.size(); ++r) words.insert(topWordsOfRuns[r][combination[r]].begin(), topWordsOfRuns[r][combination[r]].end());
            entry->second = (static_cast<double>(words.size()) - depth) / (depth * others);
        }
        sum += entry->second;
    }
    return sum / static_cast<double>(hardOfRuns[0].size());
}

double uniqueTopicWords(const std::vector<Lists>& topWordsOfRuns) {
    std::set<std::pair<std::uint32_t, std::uint32_t>> tokens;
    double perRun = 0;
    for (const Lists& run : topWordsOfRuns) {
        std::map<std::uint32_t, std::uint32_t> times;
        perRun = 0;
        for (const auto& topic : run)
            for (const std::uint32_t word : topic) {
                tokens.emplace(word, times[word]++);
                ++perRun;
            }
    }
    const double others = static_cast<double>(topWordsOfRuns.size()) - 1;
    return others < 1 ? 0 : (static_cast<double>(tokens.size()) - perRun) / (perRun * others);
}

PairSummary summarise(const std::vector<PairStability>& pairs, std::size_t runs, const std::function<double(const PairStability&)>& value) {
    std::vector<double> values;
    for (const PairStability& pair : pairs) values.push_back(value(pair));
    PairSummary summary;
    if (values.empty()) return summary;
    const auto count = static_cast<double>(values.size());
    for (const double v : values) summary.mean += v / count;
    for (const double v : values) summary.deviation += (v - summary.mean) * (v - summary.mean) / count;
    summary.deviation = std::sqrt(summary.deviation);
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    for (const double share : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        const double at = share * (count - 1);
        const auto below = static_cast<std::size_t>(at);
        const double part = at - static_cast<double>(below);
        summary.quantiles.push_back(sorted[below] + (part > 0 ? part * (sorted[below + 1] - sorted[below]) : 0));
    }
    if (runs < 3) return summary;
    std::vector<double> without;
    for (std::size_t r = 0; r < runs; ++r) {
        double sum = 0, kept = 0;
        for (std::size_t i = 0; i < pairs.size(); ++i)
            if (pairs[i].a != r && pairs[i].b != r) sum += values[i], ++kept;
        without.push_back(sum / kept);
    }
    double centre = 0, square = 0;
    for (const double v : without) centre += v / static_cast<double>(runs);
    for (const double v : without) square += (v - centre) * (v - centre);
    const double error = std::sqrt(square * (static_cast<double>(runs) - 1) / static_cast<double>(runs));
    summary.low = summary.mean - 1.96 * error;
    summary.high = summary.mean + 1.96 * error;
    return summary;
}

Result<Stability> stability(const std::vector<TopicRun>& runs, const StabilitySettings& settings, const std::function<bool(std::size_t, std::size_t)>& progress) {
    DS_TRY(checkRuns(runs));
    Stability result;
    result.runs = runs.size();
    result.topics = runs[0].topics();
    result.wordDepth = std::min(settings.topWords, runs[0].beta.columns);
    result.documentDepth = std::max<std::size_t>(1, runs[0].theta.rows / std::max<std::size_t>(1, result.topics));
    std::vector<Prepared> prepared;
    std::vector<Lists> words;
    std::vector<std::vector<std::uint32_t>> hard;
    for (const TopicRun& run : runs) {
        prepared.push_back(prepare(run, settings, result.documentDepth));
        words.push_back(prepared.back().words);
        hard.push_back(prepared.back().hard);
    }
    const std::size_t total = runs.size() * (runs.size() - 1) / 2;
    for (std::size_t a = 0; a < runs.size(); ++a)
        for (std::size_t b = a + 1; b < runs.size(); ++b) {
            if (progress && !progress(result.pairs.size(), total)) return fail(ErrorCode::Cancelled, "The comparison was stopped.", "Run the same command again.");
            result.pairs.push_back(compare(runs, prepared, a, b, settings));
        }
    result.wordTotal = summarise(result.pairs, runs.size(), [](const PairStability& p) { return p.words.total; });
    result.wordMean = summarise(result.pairs, runs.size(), [](const PairStability& p) { return p.words.total / matchedCount(p); });
    result.documentTotal = summarise(result.pairs, runs.size(), [](const PairStability& p) { return p.documents.total; });
    result.documentMean = summarise(result.pairs, runs.size(), [](const PairStability& p) { return p.documents.total / matchedCount(p); });
    result.ari = summarise(result.pairs, runs.size(), [](const PairStability& p) { return p.ari; });
    result.uniqueDocumentWords = uniqueDocumentWords(words, hard);
    result.uniqueTopicWords = uniqueTopicWords(words);
    result.topicStability = perTopic(runs, result.pairs);
    if (settings.paper && settings.distance == DistanceKind::Rbo) result.identicalDocuments = std::pow(settings.documentPersistence, static_cast<double>(result.documentDepth));
    return result;
}

json toJson(const PairSummary& summary) {
    json out{{"mean", summary.mean}, {"std", summary.deviation}, {"quantiles", summary.quantiles}, {"interval", json()}};
    if (summary.low) out["interval"] = {*summary.low, *summary.high};
    return out;
}

json toJson(const Stability& stability) {
    json pairs = json::array();
    for (const PairStability& pair : stability.pairs)
        pairs.push_back({{"runs", {pair.a, pair.b}}, {"topic_word_total", pair.words.total}, {"document_topic_total", pair.documents.total}, {"ari", pair.ari},
                         {"topic_word_matching", matchingJson(pair.words)}, {"topic_word_distances", finiteList(pair.wordCosts)},
                         {"document_topic_matching", matchingJson(pair.documents)}, {"document_topic_distances", finiteList(pair.documentCosts)}});
    json topics = json::array();
    for (const auto& run : stability.topicStability) topics.push_back(finiteList(run));
    return {{"runs", stability.runs}, {"k", stability.topics}, {"word_depth", stability.wordDepth}, {"document_depth", stability.documentDepth},
            {"topic_word", {{"total", toJson(stability.wordTotal)}, {"per_topic", toJson(stability.wordMean)}}},
            {"document_topic", {{"total", toJson(stability.documentTotal)}, {"per_topic", toJson(stability.documentMean)}, {"identical_lists", stability.identicalDocuments}}},
            {"ari_between_runs", toJson(stability.ari)}, {"unique_document_words", stability.uniqueDocumentWords}, {"unique_topic_words", stability.uniqueTopicWords},
            {"topic_distances", topics}, {"pairs", pairs}};
}

}  // namespace driftscope::topics
