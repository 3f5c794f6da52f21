#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/embed/probe.h"
#include "core/table/embedding_table.h"

namespace driftscope::embed {

/// How often a probe is right when it is so and so sure: predictions in equal bins of confidence.
struct Reliability {
    struct Bin {
        double low = 0, high = 0;     ///< confidence in (low, high]
        std::size_t rows = 0;
        double confidence = 0;        ///< mean of the rows
        double accuracy = 0;          ///< share that is right
        double accuracyLow = 0, accuracyHigh = 0;  ///< 95 % Wilson interval
    };
    std::vector<Bin> bins;
    /// Expected calibration error: mean |accuracy - confidence| weighted by rows. Naeini, Cooper and Hauskrecht 2015.
    double expectedError = 0;
    double brier = 0;  ///< mean squared error of the probability vectors. Brier 1950.
};
Reliability reliability(std::span<const int> labels, const Matrix& probabilities, std::size_t bins = 10);

/// One fold for each group: every group is predicted by a probe that saw all others. Errors: one group only.
Result<std::vector<int>> leaveOneGroupOut(std::span<const std::uint32_t> groups);

/// Out-of-fold probabilities for leave-one-out: as crossPredict(), but classes that training rows lack get probability 0
/// instead of stopping everything. Errors: a fold leaves fewer than two classes (its group is named by number).
Result<Matrix> predictHeldOut(const Matrix& features, std::span<const std::uint32_t> rows, std::span<const int> labels, std::span<const int> folds,
                              std::size_t classes, const ProbeOptions& options);

/// Scores of one held-out group.
struct GroupScore {
    std::uint32_t group = 0;
    std::size_t rows = 0;
    double accuracy = 0;
    double macroF1 = 0;  ///< over the classes that the group has
};
std::vector<GroupScore> scoreByGroup(std::span<const int> labels, const Matrix& probabilities, std::span<const std::uint32_t> groups);

}  // namespace driftscope::embed
