#pragma once

#include "core/job/job_registry.h"

namespace driftscope::embed {

/// embed.project, embed.neighbors, embed.cluster, label.probe.
void registerEmbedJobs(JobRegistry& registry);

}  // namespace driftscope::embed
