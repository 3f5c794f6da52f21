#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>

#include "core/base/fingerprint.h"
#include "core/embed/probe.h"

namespace driftscope::embed {
namespace {

constexpr int kBootstraps = 1000;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

int best(const Matrix& probabilities, std::size_t row) {
    const auto values = probabilities.row(row);
    return static_cast<int>(std::ranges::max_element(values) - values.begin());
}

/// Mean recall over the classes with labels, from a confusion matrix.
double balancedAccuracy(const std::vector<std::vector<double>>& confusion) {
    double sum = 0;
    int classes = 0;
    for (std::size_t k = 0; k < confusion.size(); ++k) {
        const double total = std::accumulate(confusion[k].begin(), confusion[k].end(), 0.0);
        if (total == 0) continue;
        sum += confusion[k][k] / total;
        ++classes;
    }
    return classes > 0 ? sum / classes : kNone;
}

/// Rank statistic of one class against the rest; ties count half.
double auroc(std::span<const int> labels, const Matrix& probabilities, int positive) {
    std::vector<std::pair<float, bool>> order;
    for (std::size_t i = 0; i < labels.size(); ++i) order.emplace_back(probabilities(i, static_cast<std::size_t>(positive)), labels[i] == positive);
    std::ranges::sort(order);
    double ranks = 0, positives = 0;
    for (std::size_t i = 0; i < order.size();) {
        std::size_t end = i;
        while (end < order.size() && order[end].first == order[i].first) ++end;
        for (std::size_t j = i; j < end; ++j)
            if (order[j].second) {
                ranks += (static_cast<double>(i + end) + 1) / 2;
                ++positives;
            }
        i = end;
    }
    const double negatives = static_cast<double>(order.size()) - positives;
    if (positives == 0 || negatives == 0) return kNone;
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives);
}

/// Percentile interval of balanced accuracy when whole groups are drawn with replacement.
std::pair<double, double> bootstrap(std::span<const int> labels, const std::vector<int>& predicted, std::span<const std::uint32_t> groups, std::size_t classes, std::uint64_t seed) {
    std::map<std::uint32_t, std::vector<std::size_t>> members;
    for (std::size_t i = 0; i < labels.size(); ++i) members[groups[i]].push_back(i);
    std::vector<const std::vector<std::size_t>*> list;
    for (const auto& [group, rows] : members) list.push_back(&rows);
    std::vector<double> values;
    for (int b = 0; b < kBootstraps; ++b) {
        std::vector<std::vector<double>> confusion(classes, std::vector<double>(classes, 0));
        for (std::size_t draw = 0; draw < list.size(); ++draw) {
            const auto pick = static_cast<std::size_t>(randomUnit(seed, static_cast<std::uint64_t>(b), draw) * static_cast<double>(list.size()));
            for (std::size_t i : *list[pick]) ++confusion[static_cast<std::size_t>(labels[i])][static_cast<std::size_t>(predicted[i])];
        }
        if (const double value = balancedAccuracy(confusion); std::isfinite(value)) values.push_back(value);
    }
    std::ranges::sort(values);
    const auto at = [&](double q) { return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))]; };
    return {at(0.025), at(0.975)};
}

}  // namespace

ProbeScores score(std::span<const int> labels, const Matrix& probabilities, std::span<const std::uint32_t> groups, std::uint64_t seed) {
    const std::size_t classes = probabilities.columns;
    ProbeScores out;
    out.confusion.assign(classes, std::vector<std::size_t>(classes, 0));
    std::vector<std::vector<double>> counts(classes, std::vector<double>(classes, 0));
    std::vector<int> predicted;
    double right = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        predicted.push_back(best(probabilities, i));
        ++out.confusion[static_cast<std::size_t>(labels[i])][static_cast<std::size_t>(predicted.back())];
        ++counts[static_cast<std::size_t>(labels[i])][static_cast<std::size_t>(predicted.back())];
        right += predicted.back() == labels[i];
    }
    out.accuracy = right / static_cast<double>(labels.size());
    out.balancedAccuracy = balancedAccuracy(counts);
    std::tie(out.balancedLow, out.balancedHigh) = bootstrap(labels, predicted, groups, classes, seed);
    double areas = 0;
    int measured = 0, present = 0;
    for (std::size_t k = 0; k < classes; ++k) {
        double truth = 0, called = 0;
        for (std::size_t j = 0; j < classes; ++j) {
            truth += counts[k][j];
            called += counts[j][k];
        }
        const double precision = called > 0 ? counts[k][k] / called : 0;
        const double recall = truth > 0 ? counts[k][k] / truth : 0;
        out.precision.push_back(precision);
        out.recall.push_back(recall);
        out.f1.push_back(precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0);
        out.support.push_back(static_cast<std::size_t>(truth));
        if (truth > 0) {
            out.macroF1 += out.f1.back();
            out.weightedF1 += out.f1.back() * truth / static_cast<double>(labels.size());
            ++present;
        }
        out.aurocPerClass.push_back(auroc(labels, probabilities, static_cast<int>(k)));
        if (const double area = out.aurocPerClass.back(); std::isfinite(area)) {
            areas += area;
            ++measured;
        }
    }
    out.macroF1 /= std::max(1, present);
    out.auroc = measured > 0 ? areas / measured : kNone;
    return out;
}

nlohmann::json ProbeScores::toJson(const std::vector<std::string>& names) const {
    nlohmann::json perClass = nlohmann::json::array();
    for (std::size_t k = 0; k < names.size(); ++k)
        perClass.push_back({{"class", names[k]}, {"precision", precision[k]}, {"recall", recall[k]}, {"f1", f1[k]}, {"support", support[k]},
                            {"auroc", std::isfinite(aurocPerClass[k]) ? nlohmann::json(aurocPerClass[k]) : nlohmann::json()}});
    return {{"accuracy", accuracy},
            {"balanced_accuracy", balancedAccuracy},
            {"balanced_accuracy_interval", {balancedLow, balancedHigh}},
            {"macro_f1", macroF1},
            {"weighted_f1", weightedF1},
            {"auroc", std::isfinite(auroc) ? nlohmann::json(auroc) : nlohmann::json()},
            {"per_class", perClass},
            {"confusion", confusion}};
}

}  // namespace driftscope::embed
