#pragma once

#include "core/job/job_registry.h"

namespace driftscope::cells {

JobKind encodeKind();  ///< cells.encode
JobKind trainKind();   ///< cells.train
JobKind embedKind();   ///< cells.embed
JobKind importConfigKind();  ///< cells.import_config

/// Parameters several kinds share: threads and precision of the computation.
std::vector<ParamSpec> computeParams();

}  // namespace driftscope::cells
