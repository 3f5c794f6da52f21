#pragma once

#include "core/llm/measure/drift_torch.h"
#include "core/llm/measure/token_drift.h"

namespace driftscope::llm {

/// Drift of every token of the samples in a batch. Needs memory for the logits of one sample at a time.
std::vector<TokenDrift> tokenDrift(const StateBatch& states, const CausalModel& before, const CausalModel& after);

}  // namespace driftscope::llm
