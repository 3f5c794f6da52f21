#include "core/embed/table_input.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/embed/pca.h"

namespace driftscope::embed {

Matrix TableInput::spread(const Matrix& packed) const {
    Matrix out(total, packed.columns);
    std::ranges::fill(out.values, std::numeric_limits<float>::quiet_NaN());
    for (std::size_t i = 0; i < rows.size(); ++i) std::ranges::copy(packed.row(i), out.row(rows[i]).begin());
    return out;
}

Result<TableInput> readTableInput(JobContext& job, const EmbeddingTable& table) {
    const std::string name = job.params().text("features");
    const Matrix* source = name == "X" ? &table.x : table.matrix(name);
    if (!source || source->columns == 0)
        return fail(ErrorCode::BadInput, fmt::format("The table has no features '{}'.", name), fmt::format("It has X and {}.", fmt::join(table.matrixNames(), ", ")));
    TableInput input;
    input.total = source->rows;
    for (std::size_t row = 0; row < source->rows; ++row)
        if (std::ranges::all_of(source->row(row), [](float v) { return std::isfinite(v); })) input.rows.push_back(row);
    const std::size_t lost = source->rows - input.rows.size();
    if (lost > 0) job.warn(fmt::format("{} of {} rows have no finite features and are left out.", lost, source->rows));
    input.features = Matrix(input.rows.size(), source->columns);
    for (std::size_t i = 0; i < input.rows.size(); ++i) std::ranges::copy(source->row(input.rows[i]), input.features.row(i).begin());
    return input;
}

Result<Matrix> reduceInput(const Matrix& features, std::size_t components, bool standardize, const Monitor& monitor) {
    if (features.rows < 2 || features.columns < 1)
        return fail(ErrorCode::BadInput, "The table has fewer than two rows with features.", "Embed more cells first.");
    if (components == 0) return standardize ? Standardizer::fit(features).transform(features) : features;
    DS_ASSIGN(const Pca pca, Pca::fit(features, {std::min({components, features.columns, features.rows - 1}), standardize, 0}, monitor));
    return pca.transform(features);
}

Monitor monitorOf(JobContext& job, std::string prefix) {
    return {job.stopToken(), [&job, prefix](double done, double total, std::string_view stage) { job.progress(done, total, prefix + std::string(stage)); }};
}

Metric metricOf(const Params& params) {
    return params.text("metric") == "cosine" ? Metric::Cosine : Metric::Euclidean;
}

std::vector<ParamSpec> tableParams() {
    return {{.name = "table", .type = ParamType::Path, .help = "Embedding table (.h5ad)."},
            {.name = "features", .type = ParamType::Text, .fallback = "X", .help = "X, or the name of an obsm matrix such as X_projections."},
            {.name = "metric", .type = ParamType::Choice, .fallback = "euclidean", .help = "Distance between rows.", .choices = {"euclidean", "cosine"}},
            {.name = "n_neighbors", .type = ParamType::Int, .fallback = 15, .help = "Neighbours of each row.", .minimum = 2, .maximum = 1000, .source = "umap-learn"},
            {.name = "threads", .type = ParamType::Int, .fallback = 0, .help = "Threads; 0 takes all cores but one. The result does not depend on it.", .minimum = 0, .maximum = 1024, .advanced = true}};
}

}  // namespace driftscope::embed
