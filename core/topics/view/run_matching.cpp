#include "core/topics/view/run_matching.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace driftscope::topics {
namespace {

double largestDistance(DistanceKind kind) {
    return kind == DistanceKind::JensenShannon ? std::sqrt(std::numbers::ln2) : 1.0;
}

}  // namespace

std::size_t MatchedTopic::runs() const {
    return static_cast<std::size_t>(std::count_if(topicOf.begin(), topicOf.end(), [](const auto& topic) { return topic.has_value(); }));
}

Result<RunMatching> RunMatching::make(const std::vector<const TopicRun*>& runs, DistanceKind kind, const std::function<bool(double)>& progress) {
    if (runs.size() < 2) return fail(ErrorCode::Usage, "There is nothing to compare: choose two runs or more.", "Train another run with another seed.");
    RunMatching matching;
    for (std::size_t r = 0; r < runs.size(); ++r) {
        if (runs[r]->vocabulary != runs[0]->vocabulary) return fail(ErrorCode::BadInput, fmt::format("Run {} has another vocabulary than run 1.", r + 1), "Compare runs of one corpus.");
        matching.starts_.push_back(matching.runOf_.size());
        matching.sizes_.push_back(runs[r]->topics());
        matching.runOf_.insert(matching.runOf_.end(), runs[r]->topics(), static_cast<std::uint32_t>(r));
    }
    const std::size_t n = matching.runOf_.size();
    matching.similarity_ = CostMatrix(n, n);
    const double pairs = 0.5 * static_cast<double>(runs.size() * (runs.size() - 1));
    double done = 0;
    for (std::size_t a = 0; a < runs.size(); ++a)
        for (std::size_t b = a + 1; b < runs.size(); ++b) {
            const CostMatrix distances = rowDistances(runs[a]->beta, runs[b]->beta, kind);
            for (std::size_t i = 0; i < distances.rows; ++i)
                for (std::size_t j = 0; j < distances.columns; ++j) {
                    const double similarity = std::clamp(1 - distances(i, j) / largestDistance(kind), 0.0, 1.0);
                    matching.similarity_(matching.starts_[a] + i, matching.starts_[b] + j) = similarity;
                    matching.similarity_(matching.starts_[b] + j, matching.starts_[a] + i) = similarity;
                }
            if (progress && !progress(++done / pairs)) return fail(ErrorCode::Cancelled, "The comparison was cancelled.", "Start it again.");
        }
    matching.merge();
    return matching;
}

/// Average similarities between clusters follow from those of their parts (Lance and Williams), weighted by sizes. A merge
/// can only forbid pairs, never raise an average above the one just merged, so that similarities fall from step to step.
void RunMatching::merge() {
    const std::size_t n = runOf_.size();
    CostMatrix average = similarity_;
    std::vector<double> sizes(n, 1);
    std::vector<std::vector<bool>> has(n, std::vector<bool>(sizes_.size(), false));
    for (std::size_t i = 0; i < n; ++i) has[i][runOf_[i]] = true;
    const auto disjoint = [&](std::size_t a, std::size_t b) {
        for (std::size_t r = 0; r < sizes_.size(); ++r)
            if (has[a][r] && has[b][r]) return false;
        return true;
    };
    std::vector<std::uint32_t> alive(n);
    std::iota(alive.begin(), alive.end(), 0);
    // The best partner of each cluster is kept, so that a merge costs O(n) and not O(n^2), but for those it was the partner of.
    std::vector<int> partner(n, -1);
    const auto findPartner = [&](std::uint32_t a) {
        partner[a] = -1;
        for (const std::uint32_t b : alive)
            if (b != a && disjoint(a, b) && (partner[a] < 0 || average(a, b) > average(a, static_cast<std::size_t>(partner[a])))) partner[a] = static_cast<int>(b);
    };
    for (const std::uint32_t a : alive) findPartner(a);
    while (true) {
        int best = -1;
        for (const std::uint32_t a : alive)
            if (partner[a] >= 0 && (best < 0 || average(a, static_cast<std::size_t>(partner[a])) > average(static_cast<std::size_t>(best), static_cast<std::size_t>(partner[static_cast<std::size_t>(best)])))) best = static_cast<int>(a);
        if (best < 0) return;
        const auto a = static_cast<std::uint32_t>(std::min(best, partner[static_cast<std::size_t>(best)])), b = static_cast<std::uint32_t>(std::max(best, partner[static_cast<std::size_t>(best)]));
        steps_.push_back({a, b, average(a, b)});
        for (const std::uint32_t c : alive) average(a, c) = average(c, a) = (sizes[a] * average(a, c) + sizes[b] * average(b, c)) / (sizes[a] + sizes[b]);
        sizes[a] += sizes[b];
        for (std::size_t r = 0; r < sizes_.size(); ++r) has[a][r] = has[a][r] || has[b][r];
        std::erase(alive, b);
        for (const std::uint32_t c : alive)
            if (c == a || partner[c] == static_cast<int>(a) || partner[c] == static_cast<int>(b)) findPartner(c);
    }
}

MatchedTopic RunMatching::rowOf(const std::vector<std::uint32_t>& members) const {
    MatchedTopic row;
    row.topicOf.resize(sizes_.size());
    double sum = 0, pairs = 0;
    for (std::size_t i = 0; i < members.size(); ++i) {
        const std::uint32_t run = runOf_[members[i]];
        row.topicOf[run] = static_cast<std::uint32_t>(members[i] - starts_[run]);
        for (std::size_t j = i + 1; j < members.size(); ++j) sum += similarity_(members[i], members[j]), ++pairs;
    }
    if (pairs > 0) row.similarity = sum / pairs;
    return row;
}

std::vector<MatchedTopic> RunMatching::rows(double threshold) const {
    std::vector<std::vector<std::uint32_t>> clusters(runOf_.size());
    for (std::uint32_t i = 0; i < runOf_.size(); ++i) clusters[i] = {i};
    for (const Step& step : steps_) {
        if (step.similarity < threshold) break;
        clusters[step.a].insert(clusters[step.a].end(), clusters[step.b].begin(), clusters[step.b].end());
        clusters[step.b].clear();
    }
    std::vector<MatchedTopic> rows;
    for (auto& members : clusters) {
        if (members.empty()) continue;
        std::sort(members.begin(), members.end());
        rows.push_back(rowOf(members));
    }
    // Stable: within equals the order of run and native number stays.
    std::stable_sort(rows.begin(), rows.end(), [](const MatchedTopic& a, const MatchedTopic& b) { return a.runs() != b.runs() ? a.runs() > b.runs() : a.similarity > b.similarity; });
    return rows;
}

double RunMatching::similarity(std::size_t runA, std::uint32_t topicA, std::size_t runB, std::uint32_t topicB) const {
    return runA == runB ? (topicA == topicB ? 1.0 : 0.0) : similarity_(at(runA, topicA), at(runB, topicB));
}

double RunMatching::bestElsewhere(std::size_t run, std::uint32_t topic) const {
    double sum = 0;
    for (std::size_t other = 0; other < sizes_.size(); ++other) {
        if (other == run) continue;
        double best = 0;
        for (std::uint32_t k = 0; k < sizes_[other]; ++k) best = std::max(best, similarity_(at(run, topic), at(other, k)));
        sum += best;
    }
    return sum / static_cast<double>(sizes_.size() - 1);
}

}  // namespace driftscope::topics
