#pragma once

#include "core/job/job_registry.h"

namespace driftscope::llm {

// One per file of the same name; private to this folder.
JobKind tokenizeKind();

}  // namespace driftscope::llm
