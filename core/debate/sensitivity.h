#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <vector>

#include "core/debate/arena.h"

namespace driftscope::debate {

/// Which assumptions are bent, and how far.
struct SensitivityOptions {
    std::vector<double> kFactors{0.1, 0.25, 0.5, 1, 2};             ///< times the certified constant
    std::vector<double> noises{0, 0.1, 0.2, 0.3, 0.4, 0.45};   ///< flipped answers, which bring the machine towards 1/2
    std::vector<double> correlations{0, 0.001, 0.01, 0.1, 0.5};
    std::int64_t games = 2000;                                 ///< per setting
    std::uint64_t seed = 1;
    int threads = 1;
};

/// Plays the arena's debate with bent assumptions and compares the honest side, the one that is right, with what the
/// theorem says of it:
/// "k": K misjudged by a factor; the honest side against the best opponent, exact and measured, beside the bound that
///      the theorem would give with this K for a machine as right as this one.
/// "w": noise brings the machine's acceptance towards 1/2; honest against honest, and whether it is inside the promise.
/// "correlation": repeated answers that depend on each other; honest against honest beside the bound.
/// `done` hears the finished share. Errors: as Arena::make; cancelled.
Result<nlohmann::json> sensitivity(const Arena& arena, const Params& params, const SensitivityOptions& options, std::stop_token stop = {}, const std::function<void(double)>& done = {});

}  // namespace driftscope::debate
