#include "core/embed/projection_job.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/embed/neighbors.h"
#include "core/embed/pca.h"
#include "core/embed/phate.h"
#include "core/embed/quality.h"
#include "core/embed/table_input.h"
#include "core/embed/umap.h"
#include "core/embed/workers.h"
#include "core/io/h5ad.h"
#include "core/io/npy.h"
#include "core/job/job_context.h"

namespace driftscope::embed {
namespace {

using nlohmann::json;

constexpr std::size_t kQualityRows = 2000;
constexpr std::size_t kQualityNeighbors = 15;

/// X_umap of the reduced features, with what is lost in the picture.
Result<Matrix> makeUmap(JobContext& job, const Matrix& reduced, Workers& workers, json& result) {
    const Params& params = job.params();
    UmapOptions options;
    options.components = static_cast<std::size_t>(params.integer("n_components"));
    options.neighbors = static_cast<std::size_t>(params.integer("n_neighbors"));
    options.minDist = params.real("min_dist");
    options.epochs = static_cast<std::size_t>(params.integer("epochs"));
    options.seed = static_cast<std::uint64_t>(params.integer("seed"));
    if (reduced.rows <= options.neighbors)
        return fail(ErrorCode::BadInput, fmt::format("There are {} rows for {} neighbours.", reduced.rows, options.neighbors), "Lower n_neighbors, or embed more cells.");
    NeighborOptions search;
    search.k = std::max(options.neighbors - 1, std::size_t{2});
    search.metric = metricOf(params);
    DS_ASSIGN(const NeighborTable table, findNeighbors(reduced, search, workers, monitorOf(job)));
    result["neighbor_recall"] = table.recall;
    DS_ASSIGN(Matrix picture, umap(reduced, table, options, workers, monitorOf(job)));
    return picture;
}

/// X_phate of the reduced features.
Result<Matrix> makePhate(JobContext& job, const Matrix& reduced, Workers& workers, json& result) {
    const Params& params = job.params();
    PhateOptions options;
    options.components = static_cast<std::size_t>(params.integer("n_components"));
    options.neighbors = static_cast<std::size_t>(params.integer("phate_knn"));
    options.decay = params.real("phate_decay");
    options.landmarks = static_cast<std::size_t>(params.integer("phate_landmarks"));
    options.time = static_cast<std::size_t>(params.integer("phate_t"));
    options.metric = metricOf(params);
    options.seed = static_cast<std::uint64_t>(params.integer("seed"));
    DS_ASSIGN(Phate made, phate(reduced, options, workers, monitorOf(job, "PHATE: ")));
    result["phate_t"] = made.time;
    result["phate_landmarks"] = made.landmarks;
    result["phate_stress"] = made.stress;
    result["phate_entropy"] = made.entropy;
    return std::move(made.picture);
}

/// What is lost in the picture.
Result<void> judge(const Matrix& reduced, const Matrix& picture, Metric metric, Workers& workers, json& result) {
    const std::size_t k = std::min(kQualityNeighbors, (reduced.rows - 1) / 2 - 1);
    if (reduced.rows < 5 || k < 1) return {};
    DS_ASSIGN(const double trust, trustworthiness(reduced, picture, k, metric, kQualityRows, workers));
    DS_ASSIGN(const double recall, pictureRecall(reduced, picture, k, metric, kQualityRows, workers));
    result["trustworthiness"] = trust;
    result["picture_recall"] = recall;
    return {};
}

Result<json> runProject(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(EmbeddingTable table, io::readH5ad(params.text("table")));
    DS_ASSIGN(const TableInput input, readTableInput(job, table));
    Workers workers(static_cast<int>(params.integer("threads")));
    const auto wanted = static_cast<std::size_t>(params.integer("pca_components"));
    const std::size_t components = std::min({wanted, input.features.columns, input.features.rows > 1 ? input.features.rows - 1 : 0});
    if (components < 1) return fail(ErrorCode::BadInput, "The table has fewer than two rows with features.", "Embed more cells first.");
    const auto pca = Pca::fit(input.features, {components, params.flag("standardize"), 0}, monitorOf(job, "PCA: "));
    if (!pca) return tl::unexpected(pca.error());
    const Matrix reduced = pca->transform(input.features);
    DS_TRY(table.setMatrix("X_pca", input.spread(reduced)));
    table.uns["pca"] = {{"variance", pca->explainedVariance}, {"variance_ratio", pca->explainedVarianceRatio}};
    json result{{"rows", table.rows()}, {"projected_rows", input.rows.size()}, {"pca_components", components}, {"explained_variance_ratio", pca->explainedVarianceRatio}};
    if (const std::string method = params.text("method"); method != "pca") {
        auto picture = method == "umap" ? makeUmap(job, reduced, workers, result) : makePhate(job, reduced, workers, result);
        if (!picture && picture.error().code == ErrorCode::Cancelled) return JobContext::cancel();
        if (!picture) return tl::unexpected(std::move(picture).error());
        DS_TRY(judge(reduced, *picture, metricOf(params), workers, result));
        DS_TRY(table.setMatrix("X_" + method, input.spread(*picture)));
        if (method == "phate") table.uns["phate"] = {{"params", {{"knn", params.integer("phate_knn")}, {"decay", params.real("phate_decay")}, {"t", result["phate_t"]}, {"random_state", params.integer("seed")}}}};
        else table.uns["umap"] = {{"params", {{"n_neighbors", params.integer("n_neighbors")}, {"min_dist", params.real("min_dist")}, {"metric", params.text("metric")}, {"random_state", params.integer("seed")}}}};
    }
    table.uns["driftscope_project"] = job.job();
    DS_TRY(io::writeH5ad(job.out("projected.h5ad"), table));
    result["table"] = "projected.h5ad";
    return result;
}

Result<json> runNeighbors(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(const EmbeddingTable table, io::readH5ad(params.text("table")));
    DS_ASSIGN(const TableInput input, readTableInput(job, table));
    Workers workers(static_cast<int>(params.integer("threads")));
    NeighborOptions options;
    options.k = static_cast<std::size_t>(params.integer("n_neighbors"));
    options.metric = metricOf(params);
    options.recall = params.real("recall");
    const std::string method = params.text("method");
    options.method = method == "exact" ? NeighborMethod::Exact : method == "hnsw" ? NeighborMethod::Hnsw : method == "partition" ? NeighborMethod::Partition : NeighborMethod::Auto;
    const auto found = findNeighbors(input.features, options, workers, monitorOf(job));
    if (!found && found.error().code == ErrorCode::Cancelled) return JobContext::cancel();
    if (!found) return tl::unexpected(found.error());
    // Row numbers of the table, also where rows without features were left out.
    std::vector<float> indices;
    for (std::uint32_t index : found->indices) indices.push_back(static_cast<float>(input.rows[index]));
    const std::int64_t shape[] = {static_cast<std::int64_t>(found->rows), static_cast<std::int64_t>(found->k)};
    DS_TRY(io::writeNpy(job.out("indices.npy"), shape, indices));
    DS_TRY(io::writeNpy(job.out("distances.npy"), shape, found->distances));
    return json{{"rows", found->rows}, {"k", found->k}, {"method", name(found->method)}, {"recall", found->recall}, {"indices", "indices.npy"}, {"distances", "distances.npy"}};
}

std::vector<ParamSpec> with(std::vector<ParamSpec> more) {
    std::vector<ParamSpec> specs = tableParams();
    specs.insert(specs.end(), more.begin(), more.end());
    return specs;
}

}  // namespace

JobKind projectKind() {
    return {"embed.project", "Draw a map of an embedding",
            "Principal components, and UMAP or PHATE of them, added to the table as X_pca and X_umap or X_phate (projected.h5ad). Says how far the picture can be trusted.",
            with({{.name = "method", .type = ParamType::Choice, .fallback = "umap", .help = "umap writes X_pca and X_umap, phate X_pca and X_phate, pca only X_pca.", .choices = {"pca", "umap", "phate"}},
                  {.name = "n_components", .type = ParamType::Int, .fallback = 2, .help = "Dimensions of the UMAP or PHATE.", .minimum = 1, .maximum = 16},
                  {.name = "min_dist", .type = ParamType::Real, .fallback = 0.1, .help = "How tightly UMAP packs points.", .minimum = 0, .maximum = 1, .source = "umap-learn"},
                  {.name = "pca_components", .type = ParamType::Int, .fallback = 32, .help = "Principal components kept, and given to UMAP or PHATE.", .minimum = 1, .maximum = 4096, .source = "VisCy"},
                  {.name = "standardize", .type = ParamType::Bool, .fallback = true, .help = "Scale features to unit variance before the components.", .source = "VisCy"},
                  {.name = "epochs", .type = ParamType::Int, .fallback = 0, .help = "Epochs of the layout; 0 chooses by the number of rows.", .minimum = 0, .maximum = 100000, .advanced = true},
                  {.name = "phate_knn", .type = ParamType::Int, .fallback = 5, .help = "PHATE: a row's kernel is as wide as the distance to this neighbour.", .minimum = 1, .maximum = 1000, .source = "VisCy"},
                  {.name = "phate_decay", .type = ParamType::Real, .fallback = 40.0, .help = "PHATE: how sharply the kernel falls beyond its width.", .minimum = 0.1, .maximum = 1000, .source = "VisCy", .advanced = true},
                  {.name = "phate_t", .type = ParamType::Int, .fallback = 0, .help = "PHATE: steps of diffusion; 0 takes the knee of the von Neumann entropy.", .minimum = 0, .maximum = 10000, .source = "Moon et al. 2019", .advanced = true},
                  {.name = "phate_landmarks", .type = ParamType::Int, .fallback = 2000, .help = "PHATE: larger tables diffuse between this many groups of rows.", .minimum = 2, .maximum = 10000, .source = "phate", .advanced = true},
                  {.name = "seed", .type = ParamType::Int, .fallback = 42, .help = "Same seed, same bytes.", .minimum = 0, .source = "VisCy"}}),
            runProject};
}

JobKind neighborsKind() {
    return {"embed.neighbors", "Find nearest neighbours", "The nearest rows of every row: indices.npy and distances.npy (rows x k), nearest first, without the row itself.",
            with({{.name = "method", .type = ParamType::Choice, .fallback = "auto", .help = "Exact search, or an index that is widened until the recall is reached.", .choices = {"auto", "exact", "partition", "hnsw"}},
                  {.name = "recall", .type = ParamType::Real, .fallback = 0.99, .help = "Share of true neighbours that must be found, measured on a sample.", .minimum = 0.5, .maximum = 1}}),
            runNeighbors};
}

}  // namespace driftscope::embed
