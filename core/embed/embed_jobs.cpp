#include "core/embed/embed_jobs.h"

#include "core/embed/label_jobs.h"
#include "core/embed/probe_job.h"
#include "core/embed/projection_job.h"

namespace driftscope::embed {

void registerEmbedJobs(JobRegistry& registry) {
    registry.add(projectKind());
    registry.add(neighborsKind());
    registry.add(clusterKind());
    registry.add(probeKind());
    registry.add(queueKind());
    registry.add(agreementKind());
    registry.add(evaluateKind());
    registry.add(curveKind());
}

}  // namespace driftscope::embed
