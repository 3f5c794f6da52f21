#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/embed/standardizer.h"
#include "core/table/embedding_table.h"

namespace driftscope::embed {

/// Linear probe on frozen features, as VisCy's linear classifiers: standardise, then L2-regularised logistic regression by
/// liblinear's primal solver with a regularised intercept, as scikit-learn's LogisticRegression(solver="liblinear").
struct ProbeOptions {
    double c = 1.0;            ///< inverse regularisation strength
    bool balanced = true;      ///< weight classes by n / (classes * size)
    bool standardize = true;
    double tolerance = 1e-4;   ///< liblinear's eps
};

/// A fitted probe. More than two classes are solved one against the rest; probabilities are normalised sigmoids.
struct Probe {
    Standardizer scaler;               ///< identity when not standardised
    bool standardize = true;
    std::size_t classes = 0;
    std::vector<double> coefficients;  ///< (1 for two classes, else classes) x columns, for standardised features
    std::vector<double> intercepts;

    /// `rows` index `features`; `labels` are 0 … classes - 1. A class without rows gets probability 0. Errors: fewer than
    /// two classes present, not finite. `scaler` (optional) replaces the one fitted on `rows`.
    static Result<Probe> fit(const Matrix& features, std::span<const std::uint32_t> rows, std::span<const int> labels, std::size_t classes,
                             const ProbeOptions& options, const Standardizer* scaler = nullptr);
    /// Probabilities, rows.size() x classes.
    Matrix predict(const Matrix& features, std::span<const std::uint32_t> rows) const;
};

/// Scores of predictions against labels.
struct ProbeScores {
    double accuracy = 0;
    double balancedAccuracy = 0;              ///< mean recall of the classes present
    double balancedLow = 0, balancedHigh = 0; ///< 95 % bootstrap over groups
    double macroF1 = 0, weightedF1 = 0;
    double auroc = 0;                         ///< one against the rest, mean over classes; NaN with one class
    std::vector<double> aurocPerClass;        ///< NaN for a class that all or no rows have
    std::vector<double> precision, recall, f1;
    std::vector<std::size_t> support;
    std::vector<std::vector<std::size_t>> confusion;  ///< [true][predicted]

    nlohmann::json toJson(const std::vector<std::string>& names) const;
};
/// `groups` are what is drawn in the bootstrap (tracks): rows of one group are not independent.
ProbeScores score(std::span<const int> labels, const Matrix& probabilities, std::span<const std::uint32_t> groups, std::uint64_t seed);

/// Folds for cross-validation in which no group is split and classes are spread as evenly as possible (greedy, as
/// scikit-learn's StratifiedGroupKFold without shuffling). Returns the fold of every row. Errors: a class lies in fewer
/// than two groups (its number is named).
Result<std::vector<int>> groupFolds(std::span<const int> labels, std::span<const std::uint32_t> groups, std::size_t classes, int folds);

/// Out-of-fold probabilities: every row is predicted by a probe that saw none of its group. With `scalerOnAll` the scaler is
/// fitted on all rows first, which leaks and is what VisCy does.
Result<Matrix> crossPredict(const Matrix& features, std::span<const std::uint32_t> rows, std::span<const int> labels, std::span<const int> folds,
                            std::size_t classes, const ProbeOptions& options, bool scalerOnAll);

}  // namespace driftscope::embed
