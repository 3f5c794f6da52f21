#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/label/label_store.h"

namespace driftscope {

/// One target that two annotators see differently.
struct Disagreement {
    LabelTarget target;
    std::string first;  ///< the first annotator's class
    std::string second;
};

/// How far two annotators agree on the targets that both labelled.
struct Agreement {
    std::int64_t both = 0;       ///< targets labelled by both
    std::int64_t onlyFirst = 0;  ///< and by one of them only
    std::int64_t onlySecond = 0;
    double observed = 0;  ///< share of `both` with equal classes
    double expected = 0;  ///< share that chance alone would give
    /// Cohen's kappa, (observed - expected) / (1 - expected); nothing when no target is shared or both used one class
    /// only.
    std::optional<double> kappa;
    std::map<std::pair<std::string, std::string>, std::int64_t>
        confusion;                            ///< (first's class, second's class) -> targets
    std::vector<Disagreement> disagreements;  ///< ordered by target
};

/// Compares two lists of labels with distinct targets. Source: Cohen 1960.
Agreement compareLabels(const std::vector<Label>& first, const std::vector<Label>& second);

/// Compares the last labels of two annotators (LabelStore::labelsBy). Errors: unknown schema, an annotator without
/// labels.
Result<Agreement> agreement(const LabelStore& store, const std::string& schema, const std::string& first,
                            const std::string& second);

}  // namespace driftscope
