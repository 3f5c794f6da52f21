#pragma once

#include "core/job/job_registry.h"

namespace driftscope::embed {

/// embed.project: PCA and UMAP of a table.
JobKind projectKind();
/// embed.neighbors.
JobKind neighborsKind();

}  // namespace driftscope::embed
