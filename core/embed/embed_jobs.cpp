#include "core/embed/embed_jobs.h"

namespace driftscope::embed {

void registerEmbedJobs(JobRegistry&) {}

}  // namespace driftscope::embed
