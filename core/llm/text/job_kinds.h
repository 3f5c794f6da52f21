#pragma once

#include "core/job/job_registry.h"

namespace driftscope::llm {

// One per file of the same name; private to this folder.
JobKind tokenizeKind();
JobKind trainTokenizerKind();
JobKind mixKind();
JobKind judgeKind();
JobKind demoDataKind();

}  // namespace driftscope::llm
