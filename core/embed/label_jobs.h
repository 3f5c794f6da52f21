#pragma once

#include "core/job/job_registry.h"

namespace driftscope::embed {

JobKind queueKind();      ///< label.queue
JobKind agreementKind();  ///< label.agreement
JobKind evaluateKind();   ///< label.evaluate
JobKind curveKind();      ///< label.curve

}  // namespace driftscope::embed
