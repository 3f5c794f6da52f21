#include "core/io/io_jobs.h"

namespace driftscope::io {

void registerTableJobs(JobRegistry&) {}

}  // namespace driftscope::io
