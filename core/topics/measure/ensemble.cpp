#include "core/topics/measure/ensemble.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace driftscope::topics {
namespace {

using nlohmann::json;
using Member = EnsembleTopic::Member;

Result<void> checkRuns(const std::vector<TopicRun>& runs) {
    if (runs.empty()) return fail(ErrorCode::BadInput, "There are no runs to join.", "Name at least one run.");
    for (std::size_t r = 1; r < runs.size(); ++r) {
        if (runs[r].vocabulary != runs[0].vocabulary) return fail(ErrorCode::BadInput, fmt::format("Run {} has another vocabulary than run 1.", r + 1), "Join runs of one corpus.");
        if (runs[r].theta.rows != runs[0].theta.rows)
            return fail(ErrorCode::BadInput, fmt::format("Run {} has {} documents, run 1 has {}.", r + 1, runs[r].theta.rows, runs[0].theta.rows), "Join runs of one corpus and split.");
    }
    return {};
}

/// All topics of all runs below each other: rows of beta, and columns of theta as rows.
struct Stack {
    Matrix words, documents;
    std::vector<Member> members;
};

Stack stackOf(const std::vector<TopicRun>& runs, bool withDocuments) {
    std::size_t total = 0;
    for (const TopicRun& run : runs) total += run.topics();
    Stack stack{Matrix(total, runs[0].beta.columns), withDocuments ? Matrix(total, runs[0].theta.rows) : Matrix(), {}};
    for (std::size_t r = 0; r < runs.size(); ++r)
        for (std::size_t k = 0; k < runs[r].topics(); ++k) {
            const std::size_t row = stack.members.size();
            std::copy(runs[r].beta.row(k).begin(), runs[r].beta.row(k).end(), stack.words.row(row).begin());
            if (withDocuments)
                for (std::size_t d = 0; d < runs[r].theta.rows; ++d) stack.documents(row, d) = runs[r].theta(d, k);
            stack.members.push_back({static_cast<std::uint32_t>(r), static_cast<std::uint32_t>(k)});
        }
    return stack;
}

CostMatrix distancesOf(const Stack& stack, const EnsembleSettings& settings) {
    const double share = settings.wordShare;
    if (share >= 1) return rowDistances(stack.words, stack.words, settings.wordDistance);
    CostMatrix distances = rowDistances(stack.documents, stack.documents, settings.documentDistance);
    if (share <= 0) return distances;
    const CostMatrix byWords = rowDistances(stack.words, stack.words, settings.wordDistance);
    for (std::size_t i = 0; i < distances.values.size(); ++i) distances.values[i] = share * byWords.values[i] + (1 - share) * distances.values[i];
    return distances;
}

void describe(EnsembleTopic& topic, const CostMatrix& distances, const std::vector<std::size_t>& rows, std::size_t runCount) {
    std::set<std::uint32_t> runs;
    for (const Member& member : topic.members) runs.insert(member.run);
    topic.runs = runs.size();
    topic.onePerRun = topic.members.size() == runCount && topic.runs == runCount;
    double pairs = 0;
    for (std::size_t a = 0; a < rows.size(); ++a)
        for (std::size_t b = a + 1; b < rows.size(); ++b) topic.spread += distances(rows[a], rows[b]), ++pairs;
    if (pairs > 0) topic.spread /= pairs;
}

void normaliseRows(Matrix& matrix) {
    for (std::size_t r = 0; r < matrix.rows; ++r) {
        double sum = 0;
        for (const float value : matrix.row(r)) sum += value;
        for (float& value : matrix.row(r)) value = static_cast<float>(sum > 0 ? value / sum : 1.0 / static_cast<double>(matrix.columns));
    }
}

void average(Ensemble& ensemble, const std::vector<TopicRun>& runs, bool sum) {
    Matrix& beta = ensemble.run.beta;
    Matrix& theta = ensemble.run.theta;
    beta = Matrix(ensemble.topics.size(), runs[0].beta.columns);
    theta = Matrix(runs[0].theta.rows, ensemble.topics.size());
    for (std::size_t c = 0; c < ensemble.topics.size(); ++c) {
        const auto& members = ensemble.topics[c].members;
        const auto share = static_cast<float>(1.0 / static_cast<double>(members.size()));
        for (const Member& member : members) {
            const TopicRun& run = runs[member.run];
            for (std::size_t w = 0; w < beta.columns; ++w) beta(c, w) += share * run.beta(member.topic, w);
            for (std::size_t d = 0; d < theta.rows; ++d) theta(d, c) += (sum ? 1.0f : share) * run.theta(d, member.topic);
        }
    }
    normaliseRows(beta);
    normaliseRows(theta);
}

}  // namespace

Result<Ensemble> ensemble(const std::vector<TopicRun>& runs, const EnsembleSettings& settings) {
    DS_TRY(checkRuns(runs));
    const Stack stack = stackOf(runs, settings.wordShare < 1);
    const CostMatrix distances = distancesOf(stack, settings);
    const std::vector<Merge> merges = agglomerate(distances, settings.linkage);
    const std::size_t wanted = settings.clusters > 0 ? settings.clusters : runs[0].topics();
    const std::vector<std::uint32_t> clusters = settings.threshold > 0 ? cutAtHeight(merges, stack.members.size(), settings.threshold) : cutAtCount(merges, stack.members.size(), wanted);
    std::vector<std::vector<std::size_t>> rows(clusters.empty() ? 0 : *std::max_element(clusters.begin(), clusters.end()) + 1);
    for (std::size_t i = 0; i < clusters.size(); ++i) rows[clusters[i]].push_back(i);
    Ensemble result;
    for (const auto& cluster : rows) {
        EnsembleTopic topic;
        for (const std::size_t row : cluster) topic.members.push_back(stack.members[row]);
        describe(topic, distances, cluster, runs.size());
        if (topic.runs < settings.minimumRuns) {
            ++result.dropped;
            continue;
        }
        result.supportedByAll += topic.runs == runs.size();
        result.onePerRun += topic.onePerRun;
        result.topics.push_back(std::move(topic));
    }
    if (result.topics.empty()) return fail(ErrorCode::BadInput, fmt::format("No cluster has topics from {} runs.", settings.minimumRuns), "Ask for less support (min_support) or fewer clusters.");
    result.run.vocabulary = runs[0].vocabulary;
    result.run.documents = runs[0].documents;
    average(result, runs, settings.sum);
    return result;
}

json toJson(const Ensemble& ensemble) {
    json topics = json::array();
    for (const EnsembleTopic& topic : ensemble.topics) {
        json members = json::array();
        for (const Member& member : topic.members) members.push_back({member.run, member.topic});
        topics.push_back({{"members", members}, {"runs", topic.runs}, {"one_per_run", topic.onePerRun}, {"spread", topic.spread}});
    }
    return {{"k", ensemble.topics.size()}, {"supported_by_all_runs", ensemble.supportedByAll}, {"one_per_run", ensemble.onePerRun}, {"dropped", ensemble.dropped}, {"topics", topics}};
}

}  // namespace driftscope::topics
