#pragma once

#include "core/job/job_registry.h"

namespace driftscope::io {

/// table.info: shape, columns, value counts and ranges of an embedding table.
void registerTableJobs(JobRegistry& registry);

}  // namespace driftscope::io
