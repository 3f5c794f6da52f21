#pragma once

#include <string>
#include <vector>

#include "core/debate/arena.h"
#include "core/debate/play.h"

namespace driftscope::debate {

/// What a theorem promises about one debate as it will be played, and to whom. A promise is made only when everything that
/// it needs has been checked.
struct Promise {
    bool holds = false;
    Party side = Party::Alice;         ///< the honest side it speaks about: Alice when the machine says yes, else Bob
    double probability = 0;            ///< that side wins at least this often, whatever the other does
    double theorem = 0;                ///< the round number of the theorem, d
    std::vector<std::string> reasons;  ///< why nothing is promised; empty when it holds
};

/// Stochastic: Theorem 6.2 for the side that is right. Deterministic protocols: Theorems 5.1 and 5.3, which promise
/// certainty when every answer of the oracle is certain.
Promise promise(const Arena& arena, const PlayOptions& options);

}  // namespace driftscope::debate
