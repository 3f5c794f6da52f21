#pragma once

#include "core/job/job_registry.h"

namespace driftscope::embed {

/// label.probe.
JobKind probeKind();

}  // namespace driftscope::embed
