#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/debate/arena.h"

namespace driftscope::debate {

/// Whether repeated answers to the same question look independent, as the theorem assumes: batches of answers to the
/// questions along the computation's likelier trace are compared among themselves.
struct OracleCheck {
    std::int64_t answers = 0;     ///< drawn in all; 0 when every answer is certain
    std::int64_t questions = 0;
    double agreement = 0;         ///< share of pairs of answers within a batch that agree
    double independent = 0;       ///< what it would be if they were independent: mean of p^2 + (1-p)^2
    double dispersion = 1;        ///< variance of batch sums over the binomial one; 1 when independent
    double dispersionP = 1;       ///< P(a dispersion this large | independent), chi-square
    double correlation = 0;       ///< intra-class correlation that would explain the dispersion
    double trendP = 1;            ///< P(halves that differ this much | the answers do not drift), chi-square

    bool looksIndependent() const { return dispersionP > 1e-3; }
    bool looksSteady() const { return trendP > 1e-3; }
    std::string text() const;
    nlohmann::json toJson() const;
};
OracleCheck checkOracle(const Machine& machine, const Sampling& sampling, std::uint64_t seed);

}  // namespace driftscope::debate
