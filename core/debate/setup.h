#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "core/base/params.h"
#include "core/debate/attacks.h"
#include "core/debate/computation.h"
#include "core/debate/measure.h"

namespace driftscope::debate {

/// Everything a debate needs, read from a job's parameters.
struct Setup {
    nlohmann::json computation;
    std::shared_ptr<Oracle> oracle;        ///< null when the computation states its probabilities
    std::unique_ptr<Machine> machine;
    std::optional<StateGraph> graph;       ///< absent when the computation has too many states
    std::string graphProblem;              ///< why it is absent
    LipschitzConstants constants;          ///< of the graph
    std::optional<Parameters> parameters;  ///< absent when sample counts were given by hand
    Plan plan;
    Sampling sampling;
    Strategies strategies;
    /// The Lipschitz constant that the parameters are made for: given, else the certified bound, else (no graph) T', which
    /// always bounds it because one answer moves a probability by at most 1.
    double k = 1;

    /// For a computation at hand, whatever params names as computation. Errors: those of the computation, the oracle and
    /// the parameters; cancelled.
    static Result<Setup> make(nlohmann::json computation, const Params& params, std::stop_token stop = {});
};

/// The parameters that Setup::make understands.
std::vector<ParamSpec> setupParams();

/// The computation of a job: a JSON file, or one of the built-in kinds ("majority", or an example's id) with its own parameters.
Result<nlohmann::json> readComputationParam(const Params& params);

}  // namespace driftscope::debate
