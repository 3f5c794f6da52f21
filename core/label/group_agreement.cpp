#include "core/label/group_agreement.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace driftscope {
namespace {

using Votes = std::map<std::string, std::string>;
using Counts = std::map<std::string, double>;  ///< class -> number of votes

Counts countsOf(const Votes& votes) {
    Counts counts;
    for (const auto& [annotator, label] : votes) ++counts[label];
    return counts;
}

/// Agreement beyond chance, or nothing when chance alone explains everything.
std::optional<double> beyondChance(double observed, double expected) {
    if (expected >= 1.0) return std::nullopt;
    return (observed - expected) / (1.0 - expected);
}

std::optional<double> fleissKappa(const std::map<LabelTarget, Votes>& votes, std::size_t raters) {
    double agreeing = 0, targets = 0;
    Counts total;
    for (const auto& [target, given] : votes) {
        if (given.size() != raters) continue;
        ++targets;
        const auto n = static_cast<double>(raters);
        double pairs = 0;
        for (const auto& [label, count] : countsOf(given)) {
            pairs += count * (count - 1);
            total[label] += count;
        }
        agreeing += pairs / (n * (n - 1));
    }
    if (targets == 0) return std::nullopt;
    double expected = 0;
    for (const auto& [label, count] : total) expected += std::pow(count / (targets * static_cast<double>(raters)), 2);
    return beyondChance(agreeing / targets, expected);
}

/// Alpha = 1 - observed / expected disagreement, from the coincidences of paired labels.
std::optional<double> krippendorffAlpha(const std::map<LabelTarget, Votes>& votes) {
    double pairable = 0, agreeing = 0;
    Counts total;
    for (const auto& [target, given] : votes) {
        if (given.size() < 2) continue;
        const auto n = static_cast<double>(given.size());
        pairable += n;
        for (const auto& [label, count] : countsOf(given)) {
            agreeing += count * (count - 1) / (n - 1);
            total[label] += count;
        }
    }
    if (pairable < 2) return std::nullopt;
    double alike = 0;
    for (const auto& [label, count] : total) alike += count * (count - 1);
    const double expected = 1 - alike / (pairable * (pairable - 1));
    if (expected <= 0) return std::nullopt;
    return 1 - (1 - agreeing / pairable) / expected;
}

Dispute disputeOf(const LabelTarget& target, const Votes& given, const Counts& counts) {
    Dispute dispute{target, given, {}, 0};
    double most = 0;
    for (const auto& [label, count] : counts) {
        const double p = count / static_cast<double>(given.size());
        dispute.entropy -= p * std::log2(p);
        if (count == most) dispute.majority.clear();
        if (count > most) {
            most = count;
            dispute.majority = label;
        }
    }
    return dispute;
}

}  // namespace

GroupAgreement compareAnnotators(const std::map<std::string, std::vector<Label>>& labels) {
    GroupAgreement result;
    std::map<LabelTarget, Votes> votes;
    std::set<std::string> classes;
    for (const auto& [annotator, list] : labels) {
        result.annotators.push_back(annotator);
        for (const Label& label : list) {
            votes[label.target][annotator] = label.label;
            classes.insert(label.label);
        }
    }
    result.classes.assign(classes.begin(), classes.end());
    result.targets = static_cast<std::int64_t>(votes.size());
    for (const auto& [target, given] : votes) {
        result.shared += given.size() > 1;
        result.complete += given.size() == labels.size();
        if (const Counts counts = countsOf(given); counts.size() > 1) result.disputes.push_back(disputeOf(target, given, counts));
    }
    std::ranges::stable_sort(result.disputes, std::ranges::greater{}, &Dispute::entropy);
    for (auto first = labels.begin(); first != labels.end(); ++first)
        for (auto second = std::next(first); second != labels.end(); ++second)
            result.pairs[{first->first, second->first}] = compareLabels(first->second, second->second);
    if (labels.size() >= 2) {
        result.fleiss = fleissKappa(votes, labels.size());
        result.krippendorff = krippendorffAlpha(votes);
    }
    return result;
}

Result<GroupAgreement> groupAgreement(const LabelStore& store, const std::string& schema, std::vector<std::string> annotators,
                                      const std::string& dataset) {
    DS_ASSIGN(const auto known, store.annotators(schema));
    if (annotators.empty()) annotators = known;
    if (annotators.size() < 2)
        return fail(ErrorCode::BadInput, fmt::format("\"{}\" has labels of {} annotator(s): {}.", schema, known.size(), fmt::join(known, ", ")),
                    "A comparison needs two: change the annotator's name in the settings and label some of the same cells.");
    std::map<std::string, std::vector<Label>> labels;
    for (const std::string& annotator : annotators) {
        DS_ASSIGN(auto list, store.labelsBy(schema, annotator));
        if (!dataset.empty()) std::erase_if(list, [&](const Label& label) { return label.target.dataset != dataset; });
        if (list.empty())
            return fail(ErrorCode::NotFound, fmt::format("\"{}\" has no labels in \"{}\"{}.", annotator, schema, dataset.empty() ? "" : " of " + dataset),
                        fmt::format("Those who labelled there are {}.", fmt::join(known, ", ")));
        labels[annotator] = std::move(list);
    }
    return compareAnnotators(labels);
}

}  // namespace driftscope
