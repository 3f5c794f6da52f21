#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/debate/binomial.h"

namespace driftscope::debate {

/// P(two independent answers to the same question agree), over the questions of a computation.
struct Repeatability {
    std::int64_t pairs = 0;     ///< independent pairs of answers compared; 0: unknown
    std::int64_t agreeing = 0;
    std::int64_t calls = 0;     ///< asked of the oracle for this, beside the game's own
    std::string what;           ///< how the two answers came about

    double value() const { return static_cast<double>(agreeing) / static_cast<double>(pairs); }
    Interval interval() const { return clopperPearson(agreeing, pairs); }  ///< 95 %
    nlohmann::json toJson() const;
    std::string text() const;  ///< one sentence
};

}  // namespace driftscope::debate
