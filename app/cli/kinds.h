#pragma once

#include "core/job/job_registry.h"

namespace driftscope {

/// Every job kind this program can run, from all domains.
JobRegistry allKinds();

}  // namespace driftscope
