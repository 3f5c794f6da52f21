#include "core/topics/measure/human_answers.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "core/base/fingerprint.h"
#include "core/io/json_access.h"
#include "core/topics/measure/correlation.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;

double meanOf(const std::vector<double>& values) {
    return values.empty() ? std::nan("") : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

tl::unexpected<Error> otherLayout(const std::string& place) {
    return fail(ErrorCode::BadInput, fmt::format("{} is not laid out as corpus -> model -> topics and metrics.", place), "Use all_data.json of Hoyle et al. 2021, or write a file in its layout.");
}

bool numbers(const json& list) {
    return list.is_array() && std::all_of(list.begin(), list.end(), [](const json& value) { return value.is_number(); });
}

/// Lists of raw answers, which are not metrics of their own.
bool isAnswer(const std::string& key) {
    return key.starts_with("ratings_") || key.starts_with("intrusion_");
}

Result<void> readModel(const json& model, const std::string& corpusName, const std::string& modelName, const std::string& place, std::vector<JudgedTopic>& out) {
    const json& topics = io::arrayMember(model, "topics");
    const json& metrics = io::objectMember(model, "metrics");
    if (topics.empty() || metrics.empty()) return otherLayout(place);
    for (const auto& [key, list] : metrics.items())
        if (!list.is_array() || list.size() != topics.size())
            return fail(ErrorCode::BadInput, fmt::format("{}: '{}' has {} entries for {} topics.", place, key, list.size(), topics.size()), "Give every metric one value per topic.");
    for (std::size_t k = 0; k < topics.size(); ++k) {
        JudgedTopic topic{.corpus = corpusName, .model = modelName, .index = k};
        for (const json& word : topics[k]) topic.words.push_back(word.is_string() ? word.get<std::string>() : word.dump());
        const auto answers = [&](const char* key, std::vector<double>& into) {
            const auto found = metrics.find(key);
            if (found != metrics.end() && numbers((*found)[k])) into = (*found)[k].get<std::vector<double>>();
        };
        answers("ratings_scores_raw", topic.ratings);
        answers("intrusion_scores_raw", topic.intrusions);
        for (const auto& [key, list] : metrics.items())
            if (!isAnswer(key) && list[k].is_number() && std::isfinite(list[k].get<double>())) topic.metrics[key] = list[k].get<double>();
        out.push_back(std::move(topic));
    }
    return {};
}

/// Human means and metric values of the topics that have both.
struct Columns {
    std::vector<double> human, metric;
};

Columns columnsOf(const std::vector<JudgedTopic>& topics, const std::string& task, const std::string& corpus, const std::string& metric) {
    Columns columns;
    for (const JudgedTopic& topic : topics) {
        const auto value = topic.metrics.find(metric);
        const double human = task == "ratings" ? topic.meanRating() : topic.intrusionAccuracy();
        if ((corpus != "all" && topic.corpus != corpus) || value == topic.metrics.end() || !std::isfinite(human)) continue;
        columns.human.push_back(human);
        columns.metric.push_back(value->second);
    }
    return columns;
}

void addInterval(MetricCorrelation& correlation, const Columns& columns, std::size_t bootstrap, std::uint64_t seed) {
    std::vector<double> values;
    Columns drawn = columns;
    for (std::size_t b = 0; b < bootstrap; ++b) {
        for (std::size_t i = 0; i < columns.human.size(); ++i) {
            const std::size_t from = randomBits(seed, b, i) % columns.human.size();
            drawn.human[i] = columns.human[from];
            drawn.metric[i] = columns.metric[from];
        }
        if (const double rho = spearman(drawn.human, drawn.metric); std::isfinite(rho)) values.push_back(rho);
    }
    if (values.empty()) return;
    std::sort(values.begin(), values.end());
    const auto at = [&](double share) { return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5)]; };
    correlation.low = at(0.025);
    correlation.high = at(0.975);
}

/// Squared difference of two of the sorted values, for a scale; `counts` are how often each value occurs.
double difference(const std::vector<double>& values, const std::vector<double>& counts, std::size_t a, std::size_t b, AlphaScale scale) {
    if (a == b) return 0;
    if (scale == AlphaScale::Nominal) return 1;
    if (scale == AlphaScale::Interval) return (values[a] - values[b]) * (values[a] - values[b]);
    double between = -(counts[a] + counts[b]) / 2;
    for (std::size_t g = std::min(a, b); g <= std::max(a, b); ++g) between += counts[g];
    return between * between;
}

}  // namespace

double JudgedTopic::meanRating() const {
    return meanOf(ratings);
}

double JudgedTopic::intrusionAccuracy() const {
    return meanOf(intrusions);
}

Result<std::vector<JudgedTopic>> readJudgedTopics(const std::filesystem::path& file) {
    DS_ASSIGN(const json root, io::readJson(file));
    if (!root.is_object() || root.empty()) return otherLayout(file.string());
    std::vector<JudgedTopic> topics;
    for (const auto& [corpus, models] : root.items()) {
        if (!models.is_object()) return otherLayout(file.string());
        for (const auto& [model, content] : models.items()) DS_TRY(readModel(content, corpus, model, fmt::format("{}, {} {}", file.string(), corpus, model), topics));
    }
    return topics;
}

std::vector<MetricCorrelation> correlate(const std::vector<JudgedTopic>& topics, std::size_t bootstrap, std::uint64_t seed) {
    std::set<std::string> corpora, metrics;
    for (const JudgedTopic& topic : topics) {
        corpora.insert(topic.corpus);
        for (const auto& [metric, value] : topic.metrics) metrics.insert(metric);
    }
    std::vector<std::string> groups(corpora.begin(), corpora.end());
    groups.push_back("all");
    std::vector<MetricCorrelation> out;
    for (const char* task : {"ratings", "intrusions"})
        for (const std::string& corpus : groups)
            for (const std::string& metric : metrics) {
                const Columns columns = columnsOf(topics, task, corpus, metric);
                if (columns.human.size() < 3) continue;
                MetricCorrelation one{task, corpus, metric, columns.human.size(), spearman(columns.human, columns.metric), pearson(columns.human, columns.metric), 0, 0};
                if (!std::isfinite(one.spearman)) continue;
                addInterval(one, columns, bootstrap, seed);
                out.push_back(std::move(one));
            }
    return out;
}

std::optional<double> krippendorffAlpha(const std::vector<std::vector<double>>& units, AlphaScale scale) {
    std::set<double> distinct;
    for (const auto& unit : units)
        if (unit.size() > 1) distinct.insert(unit.begin(), unit.end());
    const std::vector<double> values(distinct.begin(), distinct.end());
    if (values.size() < 2) return std::nullopt;
    const auto indexOf = [&](double value) { return static_cast<std::size_t>(std::lower_bound(values.begin(), values.end(), value) - values.begin()); };
    const std::size_t n = values.size();
    std::vector<double> coincidence(n * n, 0), counts(n, 0);
    for (const auto& unit : units) {
        if (unit.size() < 2) continue;
        const double weight = 1 / (static_cast<double>(unit.size()) - 1);
        for (std::size_t i = 0; i < unit.size(); ++i)
            for (std::size_t j = 0; j < unit.size(); ++j)
                if (i != j) coincidence[indexOf(unit[i]) * n + indexOf(unit[j])] += weight;
    }
    double total = 0;
    for (std::size_t a = 0; a < n; ++a)
        for (std::size_t b = 0; b < n; ++b) counts[a] += coincidence[a * n + b];
    for (const double count : counts) total += count;
    double observed = 0, expected = 0;
    for (std::size_t a = 0; a < n; ++a)
        for (std::size_t b = 0; b < n; ++b) {
            const double d = difference(values, counts, a, b, scale);
            observed += coincidence[a * n + b] * d;
            expected += counts[a] * counts[b] * d;
        }
    return 1 - (total - 1) * observed / expected;
}

json summariseJudgements(const std::vector<JudgedTopic>& topics, std::size_t bootstrap, std::uint64_t seed) {
    std::map<std::pair<std::string, std::string>, std::vector<const JudgedTopic*>> groups;
    std::vector<std::vector<double>> ratings, intrusions;
    std::size_t ratingCount = 0, intrusionCount = 0;
    for (const JudgedTopic& topic : topics) {
        groups[{topic.corpus, topic.model}].push_back(&topic);
        ratings.push_back(topic.ratings);
        intrusions.push_back(topic.intrusions);
        ratingCount += topic.ratings.size();
        intrusionCount += topic.intrusions.size();
    }
    json models = json::array(), correlations = json::array();
    for (const auto& [key, members] : groups) {
        double rating = 0, intrusion = 0;
        for (const JudgedTopic* topic : members) rating += topic->meanRating(), intrusion += topic->intrusionAccuracy();
        models.push_back({{"corpus", key.first}, {"model", key.second}, {"topics", members.size()}, {"rating", rating / static_cast<double>(members.size())},
                          {"intrusion_accuracy", intrusion / static_cast<double>(members.size())}});
    }
    for (const MetricCorrelation& one : correlate(topics, bootstrap, seed))
        correlations.push_back({{"task", one.task}, {"corpus", one.corpus}, {"metric", one.metric}, {"topics", one.topics}, {"spearman", one.spearman}, {"pearson", one.pearson}, {"interval", {one.low, one.high}}});
    const auto optional = [](const std::optional<double>& value) { return value ? json(*value) : json(); };
    return {{"topics", topics.size()}, {"ratings", ratingCount}, {"intrusions", intrusionCount}, {"intrusion_chance", kIntrusionChance}, {"models", models}, {"correlations", correlations},
            {"alpha_ratings", optional(krippendorffAlpha(ratings, AlphaScale::Ordinal))}, {"alpha_intrusions", optional(krippendorffAlpha(intrusions, AlphaScale::Nominal))}};
}

}  // namespace driftscope::topics
