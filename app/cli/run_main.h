#pragma once

#include "core/job/job_registry.h"

namespace driftscope {

/// The whole of driftscope-run but its list of kinds: parses the command line, runs one job, returns the exit code.
int runMain(const JobRegistry& registry, int argc, char** argv);

}  // namespace driftscope
