#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/label/agreement.h"

namespace driftscope {

/// One target that the annotators see differently: everybody's class.
struct Dispute {
    LabelTarget target;
    std::map<std::string, std::string> votes;  ///< annotator -> class
    std::string majority;                      ///< empty on a tie
    double entropy = 0;                        ///< of the votes, in bits: how open the question is
};

/// How far any number of annotators agree.
struct GroupAgreement {
    std::vector<std::string> annotators;
    std::vector<std::string> classes;  ///< that anybody used, sorted
    std::int64_t targets = 0;          ///< labelled by anybody
    std::int64_t shared = 0;           ///< labelled by two or more
    std::int64_t complete = 0;         ///< labelled by all
    std::map<std::pair<std::string, std::string>, Agreement> pairs;  ///< (first, second), first < second by name
    /// Fleiss' kappa over the complete targets; nothing without any, or when only one class was used. Fleiss 1971.
    std::optional<double> fleiss;
    /// Krippendorff's alpha for nominal data over the shared targets, missing labels allowed; nothing without any, or when
    /// only one class was used. Krippendorff 2011, "Computing Krippendorff's alpha-reliability".
    std::optional<double> krippendorff;
    std::vector<Dispute> disputes;  ///< the most open first, then by target
};

/// `labels` per annotator, with distinct targets each.
GroupAgreement compareAnnotators(const std::map<std::string, std::vector<Label>>& labels);

/// The last labels of `annotators` (empty: everyone in the schema), of one data set if `dataset` is given. Errors: unknown
/// schema, an annotator without labels there (the others are listed), fewer than two.
Result<GroupAgreement> groupAgreement(const LabelStore& store, const std::string& schema, std::vector<std::string> annotators = {},
                                      const std::string& dataset = {});

}  // namespace driftscope
