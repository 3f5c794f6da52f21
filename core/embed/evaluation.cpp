#include "core/embed/evaluation.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/proportion.h"

namespace driftscope::embed {

constexpr double kRounding = 1e-6;  // float32 probabilities on an edge belong below it

Reliability reliability(std::span<const int> labels, const Matrix& probabilities, std::size_t bins) {
    Reliability out;
    out.bins.resize(bins);
    std::vector<std::size_t> right(bins, 0);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto p = probabilities.row(i);
        const auto best = static_cast<std::size_t>(std::ranges::max_element(p) - p.begin());
        const double sure = std::clamp(static_cast<double>(p[best]), 0.0, 1.0);
        const auto bin = static_cast<std::size_t>(std::max(0.0, std::ceil(sure * static_cast<double>(bins) - kRounding) - 1));
        ++out.bins[bin].rows;
        out.bins[bin].confidence += sure;
        right[bin] += static_cast<int>(best) == labels[i];
        for (std::size_t k = 0; k < p.size(); ++k) out.brier += std::pow(p[k] - (static_cast<int>(k) == labels[i] ? 1 : 0), 2);
    }
    const auto all = static_cast<double>(std::max<std::size_t>(1, labels.size()));
    out.brier /= all;
    for (std::size_t b = 0; b < bins; ++b) {
        Reliability::Bin& bin = out.bins[b];
        bin.low = static_cast<double>(b) / static_cast<double>(bins);
        bin.high = static_cast<double>(b + 1) / static_cast<double>(bins);
        if (bin.rows == 0) continue;
        const auto n = static_cast<double>(bin.rows);
        bin.confidence /= n;
        bin.accuracy = static_cast<double>(right[b]) / n;
        const Interval interval = wilson(static_cast<std::int64_t>(right[b]), static_cast<std::int64_t>(bin.rows));
        bin.accuracyLow = interval.low;
        bin.accuracyHigh = interval.high;
        out.expectedError += n / all * std::abs(bin.accuracy - bin.confidence);
    }
    return out;
}

Result<std::vector<int>> leaveOneGroupOut(std::span<const std::uint32_t> groups) {
    std::vector<int> folds(groups.begin(), groups.end());
    if (std::ranges::adjacent_find(folds, std::ranges::not_equal_to{}) == folds.end())
        return fail(ErrorCode::BadInput, "All labels lie in one group, so none can be left out.", "Label cells of a second one, or choose smaller groups.");
    return folds;
}

Result<Matrix> predictHeldOut(const Matrix& features, std::span<const std::uint32_t> rows, std::span<const int> labels, std::span<const int> folds,
                              std::size_t classes, const ProbeOptions& options) {
    Matrix out(rows.size(), classes);
    for (int fold = 0; fold <= *std::ranges::max_element(folds); ++fold) {
        std::vector<std::uint32_t> train, test;
        std::vector<int> trainLabels;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (folds[i] == fold) {
                test.push_back(rows[i]);
                places.push_back(i);
            } else {
                train.push_back(rows[i]);
                trainLabels.push_back(labels[i]);
            }
        }
        if (test.empty()) continue;
        auto probe = Probe::fit(features, train, trainLabels, classes, options);
        if (!probe) return tl::unexpected(std::move(probe).error().during(fmt::format("while leaving out group {}", fold + 1)));
        const Matrix p = probe->predict(features, test);
        for (std::size_t i = 0; i < places.size(); ++i) std::ranges::copy(p.row(i), out.row(places[i]).begin());
    }
    return out;
}

std::vector<GroupScore> scoreByGroup(std::span<const int> labels, const Matrix& probabilities, std::span<const std::uint32_t> groups) {
    std::map<std::uint32_t, std::vector<std::size_t>> members;
    for (std::size_t i = 0; i < groups.size(); ++i) members[groups[i]].push_back(i);
    std::vector<GroupScore> out;
    for (const auto& [group, list] : members) {
        std::vector<double> truth(probabilities.columns, 0), called(probabilities.columns, 0), both(probabilities.columns, 0);
        for (std::size_t i : list) {
            const auto p = probabilities.row(i);
            const auto best = static_cast<std::size_t>(std::ranges::max_element(p) - p.begin());
            const auto label = static_cast<std::size_t>(labels[i]);
            ++truth[label];
            ++called[best];
            both[label] += best == label;
        }
        GroupScore score{group, list.size(), 0, 0};
        double present = 0;
        for (std::size_t k = 0; k < truth.size(); ++k) {
            score.accuracy += both[k] / static_cast<double>(list.size());
            if (truth[k] == 0) continue;
            ++present;
            score.macroF1 += 2 * both[k] / (truth[k] + called[k]);
        }
        score.macroF1 /= present;
        out.push_back(score);
    }
    return out;
}

}  // namespace driftscope::embed
