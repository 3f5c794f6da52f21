#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/base/params.h"
#include "core/debate/attacks.h"
#include "core/debate/computation.h"
#include "core/debate/measure.h"

namespace driftscope::debate {

/// Everything a debate needs, read from a job's parameters.
struct Setup {
    nlohmann::json computation;
    std::unique_ptr<Machine> machine;
    std::optional<Parameters> parameters;  ///< absent when sample counts were given by hand
    Plan plan;
    Sampling sampling;
    Strategies strategies;
    double k = 1;

    static Result<Setup> read(const Params& params);
    /// The same for a computation at hand, whatever params names as computation.
    static Result<Setup> make(nlohmann::json computation, const Params& params);
};

/// The parameters that Setup::read understands.
std::vector<ParamSpec> setupParams();

/// The computation of a job: a JSON file, or one of the built-in kinds ("majority", or an example's id) with its own parameters.
Result<nlohmann::json> readComputationParam(const Params& params);

}  // namespace driftscope::debate
