#pragma once

#include "core/base/params.h"
#include "core/llm/measure/evaluation_torch.h"

namespace driftscope::llm {

/// How answers are made and judged, from a job's parameters (judgeParams and "template", "new_tokens"). A probe judges by the hidden
/// states of `model`, which like `tokenizer` must outlive the result. `sets` are what imported verdicts are about.
/// Errors: a judge without what it needs, and those of reading it.
Result<EvalOptions> evalOptions(const Params& params, const CausalModel& model, const Tokenizer& tokenizer, const EvalSets& sets);

}  // namespace driftscope::llm
