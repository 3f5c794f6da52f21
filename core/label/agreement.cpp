#include "core/label/agreement.h"

namespace driftscope {
namespace {

/// Share of equal classes if both kept their class frequencies but labelled independently.
double chanceAgreement(const Agreement& result) {
    std::map<std::string, std::pair<std::int64_t, std::int64_t>> totals;
    for (const auto& [classes, count] : result.confusion) {
        totals[classes.first].first += count;
        totals[classes.second].second += count;
    }
    const auto all = static_cast<double>(result.both);
    double sum = 0;
    for (const auto& [label, total] : totals)
        sum += static_cast<double>(total.first) / all * (static_cast<double>(total.second) / all);
    return sum;
}

}  // namespace

Agreement compareLabels(const std::vector<Label>& first, const std::vector<Label>& second) {
    std::map<LabelTarget, const Label*> others;
    for (const Label& label : second) others.emplace(label.target, &label);
    std::map<LabelTarget, const Label*> ordered;
    for (const Label& label : first) ordered.emplace(label.target, &label);

    Agreement result;
    for (const auto& [target, label] : ordered) {
        const auto other = others.find(target);
        if (other == others.end()) continue;
        ++result.both;
        ++result.confusion[{label->label, other->second->label}];
        if (label->label != other->second->label)
            result.disagreements.push_back({target, label->label, other->second->label});
    }
    result.onlyFirst = static_cast<std::int64_t>(ordered.size()) - result.both;
    result.onlySecond = static_cast<std::int64_t>(others.size()) - result.both;
    if (result.both == 0) return result;
    const auto differing = static_cast<double>(result.disagreements.size());
    result.observed = 1.0 - differing / static_cast<double>(result.both);
    result.expected = chanceAgreement(result);
    if (result.expected < 1.0) result.kappa = (result.observed - result.expected) / (1.0 - result.expected);
    return result;
}

Result<Agreement> agreement(const LabelStore& store, const std::string& schema, const std::string& first,
                            const std::string& second) {
    DS_ASSIGN(const auto firstLabels, store.labelsBy(schema, first));
    DS_ASSIGN(const auto secondLabels, store.labelsBy(schema, second));
    for (const auto& [name, labels] : {std::pair(first, &firstLabels), std::pair(second, &secondLabels)})
        if (labels->empty())
            return fail(ErrorCode::NotFound, fmt::format("\"{}\" has no labels in \"{}\".", name, schema),
                        "Choose two annotators who labelled in this schema.");
    return compareLabels(firstLabels, secondLabels);
}

}  // namespace driftscope
