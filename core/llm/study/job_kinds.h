#pragma once

#include "core/job/job_registry.h"

namespace driftscope::llm {

JobKind pretrainKind();  ///< llm.pretrain
JobKind alignKind();     ///< llm.align
JobKind finetuneKind();  ///< llm.finetune
JobKind evaluateKind();  ///< llm.evaluate
JobKind driftKind();     ///< llm.drift
JobKind studyKind();     ///< llm.study
JobKind demoKind();      ///< llm.demo
JobKind reportKind();    ///< llm.report

}  // namespace driftscope::llm
