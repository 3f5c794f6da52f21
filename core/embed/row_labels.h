#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/job/job_context.h"
#include "core/table/embedding_table.h"

namespace driftscope::embed {

/// Label text of every row of a table of cells, empty where there is none: from the project's store or annotation CSV that
/// parameter `labels` names, else from the table's own column. Parameters: labels, column, dataset. Predicted labels of a store
/// are left out. Errors: no such column, keys missing.
Result<std::vector<std::string>> readRowLabels(JobContext& job, const EmbeddingTable& table);

}  // namespace driftscope::embed
