#pragma once

#include "core/job/job_registry.h"

namespace driftscope::debate {

JobKind playKind();      ///< debate.play
JobKind measureKind();   ///< debate.measure
JobKind compileKind();   ///< debate.compile
JobKind scaleKind();     ///< debate.scale
JobKind optimizeKind();  ///< debate.optimize

}  // namespace driftscope::debate
