#pragma once

#include <span>

namespace driftscope::embed {

/// How a score becomes a probability: logit(p') = slope logit(p) + intercept (Platt 1999, with the regularised targets of
/// Lin, Lin and Weng 2007). Fitted on scores of rows that the scorer has not seen.
struct Calibration {
    double slope = 1;
    double intercept = 0;
    double brierBefore = 0;  ///< mean squared error of the scores
    double brierAfter = 0;   ///< the same after calibration, on the rows it was fitted on
    std::size_t rows = 0;    ///< 0: not calibrated, apply() changes nothing

    double apply(double p) const;
};
Calibration calibrate(std::span<const double> scores, std::span<const int> truth);

}  // namespace driftscope::embed
