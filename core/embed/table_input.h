#pragma once

#include <string>
#include <vector>

#include "core/embed/monitor.h"
#include "core/embed/neighbors.h"
#include "core/job/job_context.h"
#include "core/table/embedding_table.h"

namespace driftscope::embed {

/// The features of the rows that have finite ones; the others keep no coordinates.
struct TableInput {
    Matrix features;
    std::vector<std::size_t> rows;  ///< of the table, one per feature row
    std::size_t total = 0;          ///< rows of the table

    /// Rows back in their place; NaN where there were no features.
    Matrix spread(const Matrix& packed) const;
};

/// The matrix that parameter `features` names ("X" or an obsm matrix). Warns about rows that are left out. Errors: no such matrix.
Result<TableInput> readTableInput(JobContext& job, const EmbeddingTable& table);

/// The first `components` principal components of the rows (fewer when there are fewer rows or columns), or the features as
/// they are for 0; `standardize` scales features to unit variance first. Errors: fewer than two rows.
Result<Matrix> reduceInput(const Matrix& features, std::size_t components, bool standardize, const Monitor& monitor);

/// Progress and cancellation of a job, each stage's name after `prefix`.
Monitor monitorOf(JobContext& job, std::string prefix = {});
/// Parameter `metric`.
Metric metricOf(const Params& params);
/// table, features, metric, n_neighbors, threads.
std::vector<ParamSpec> tableParams();

}  // namespace driftscope::embed
