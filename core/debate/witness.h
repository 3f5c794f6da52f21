#pragma once

#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>

#include "core/base/params.h"

namespace driftscope::debate {

/// What Alice publishes before a debate about M(x, w), for L in NP^O (deterministic protocols) and MA^O (stochastic). A
/// witness is one of the computation's "candidates" (computations), or bits for its "witness" names.
struct Published {
    nlohmann::json computation;  ///< what is debated
    std::string bits;            ///< empty when a candidate was chosen
    nlohmann::json report;       ///< null without a witness; else what it is, and what finding it cost
};

/// Reads witness=, witness_bits= and witness_search=. A search tries candidates, or bits as binary numbers, in order until
/// the likelier answers accept, and counts the oracle queries: finding a witness is outside the honest prover's budget, and
/// this shows by how much. Errors: a witness is `needed` (or given) and the computation takes none, none is given, there is no such candidate, nothing accepts, more
/// than 20 bits to search, cancelled.
Result<Published> publish(nlohmann::json computation, const Params& params, bool needed, std::stop_token stop = {});

/// The parameters of publish(), beside those of Setup::make.
std::vector<ParamSpec> witnessParams();

}  // namespace driftscope::debate
