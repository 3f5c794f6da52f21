#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/table/embedding_table.h"

namespace driftscope::embed {

/// A classifier that learns while a person labels: ridge regression of one-hot classes on cached, standardised features,
/// solved in closed form, with class-balanced weights (Rifkin and Klautau 2004). Its confidence is calibrated by the
/// leave-one-out scores of the labelled rows, which the closed form gives for free. Use the full probe (probe.h) for
/// numbers that are reported. One fit or scores() at a time.
class FastProbe {
  public:
    static constexpr std::size_t kDimensions = 128;  ///< wider features are reduced to this many principal components

    /// Standardises, or reduces `features` (rows x d) once. Errors: not finite (row named), fewer than two rows.
    static Result<std::shared_ptr<FastProbe>> make(const Matrix& features);

    /// `rows` index the features, `classes` are 0 … count - 1, one per row. Errors: fewer than two classes present.
    Result<void> fit(std::span<const std::uint32_t> rows, std::span<const int> classes, std::size_t count);

    /// Probability of every class (columns that no label named are 0) for every row; rows sum to 1.
    Matrix scores() const;
    double temperature() const { return temperature_; }
    /// The standardised or reduced features, rows x p: where distances mean what the probe sees.
    const Matrix& features() const { return reduced_; }

  private:
    void calibrate(const std::vector<double>& leaveOneOut, std::span<const int> classes);

    Matrix reduced_;               ///< rows x p
    std::vector<float> weights_;   ///< count x (p + 1), the last one is the intercept
    std::vector<bool> present_;
    std::size_t count_ = 0;
    double temperature_ = 1;
};

}  // namespace driftscope::embed
