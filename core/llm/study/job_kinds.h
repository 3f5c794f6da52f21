#pragma once

#include "core/job/job_registry.h"

namespace driftscope::llm {

JobKind pretrainKind();  ///< llm.pretrain
JobKind alignKind();     ///< llm.align
JobKind finetuneKind();  ///< llm.finetune

}  // namespace driftscope::llm
