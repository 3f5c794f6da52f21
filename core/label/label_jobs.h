#pragma once

#include "core/job/job_registry.h"

namespace driftscope {

/// label.export, label.import.
void registerLabelJobs(JobRegistry& registry);

}  // namespace driftscope
