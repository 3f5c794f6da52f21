#pragma once

#include <memory>
#include <vector>

#include "core/base/params.h"
#include "core/debate/oracle.h"

namespace driftscope::debate {

/// The parameters that say who answers.
std::vector<ParamSpec> oracleParams();

/// The oracle that `oracle=` names; null for stated probabilities. `computation` may name the class that counts as yes.
/// Errors: a parameter that the choice needs is missing, files that cannot be used.
Result<std::shared_ptr<Oracle>> makeOracle(const Params& params, const nlohmann::json& computation);

}  // namespace driftscope::debate
