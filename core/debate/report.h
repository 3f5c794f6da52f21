#pragma once

#include <nlohmann/json.hpp>

#include "core/debate/arena.h"

namespace driftscope::debate {

/// T, S, l, P(accept) and the Lipschitz constants of a computation, each with how it was got.
nlohmann::json describeMachine(const Arena& arena);
nlohmann::json planJson(const Plan& plan);
/// What the theorem promises, every inequality with both sides, and the formulas.
nlohmann::json boundsJson(const Arena& arena);
nlohmann::json intervalJson(const Interval& interval);

}  // namespace driftscope::debate
