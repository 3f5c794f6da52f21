#pragma once

#include "core/job/job_registry.h"

namespace driftscope::llm {

JobKind logitsKind();    ///< llm.logits
JobKind generateKind();  ///< llm.generate
JobKind mergeKind();     ///< llm.merge

/// Parameters that name a model and its adapters.
std::vector<ParamSpec> modelParams();

}  // namespace driftscope::llm
