#pragma once

#include "core/job/job_registry.h"

namespace driftscope::embed {

/// embed.project: PCA, UMAP and PHATE of a table.
JobKind projectKind();
/// embed.neighbors.
JobKind neighborsKind();
/// embed.cluster.
JobKind clusterKind();

}  // namespace driftscope::embed
