#include "core/cells/cells_jobs.h"

namespace driftscope::cells {

void registerCellJobs(JobRegistry&) {}

}  // namespace driftscope::cells
