#include "core/cells/dynaclr/dynaclr_jobs.h"

#include "core/cells/dynaclr/job_kinds.h"

namespace driftscope::cells {

void registerDynaclrJobs(JobRegistry& registry) {
    registry.add(trainKind());
    registry.add(embedKind());
    registry.add(encodeKind());
    registry.add(importConfigKind());
}

}  // namespace driftscope::cells
