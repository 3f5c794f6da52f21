#include <algorithm>
#include <map>

#include "core/embed/cluster.h"
#include "core/embed/projection_job.h"
#include "core/embed/quality.h"
#include "core/embed/table_input.h"
#include "core/embed/workers.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"

namespace driftscope::embed {
namespace {

using nlohmann::json;

constexpr std::size_t kSilhouetteRows = 2000;
constexpr double kMuchNoise = 0.5;

struct Found {
    Clustering clustering;
    json details = json::object();
};

Result<Found> byLeiden(JobContext& job, const Matrix& reduced, Workers& workers) {
    const Params& params = job.params();
    const auto wanted = static_cast<std::size_t>(params.integer("n_neighbors"));
    NeighborOptions search;
    search.k = std::min(wanted, reduced.rows - 1);
    search.metric = metricOf(params);
    DS_ASSIGN(const NeighborTable table, findNeighbors(reduced, search, workers, monitorOf(job)));
    LeidenOptions options;
    options.quality = params.text("quality") == "potts" ? LeidenQuality::Potts : LeidenQuality::Modularity;
    options.resolution = params.real("resolution");
    options.iterations = static_cast<std::size_t>(params.integer("iterations"));
    options.seed = static_cast<std::uint64_t>(params.integer("seed"));
    DS_ASSIGN(Clustering clustering, leiden(fuzzyGraph(table, search.k + 1, workers), options, monitorOf(job, "Leiden: ")));
    return Found{std::move(clustering), {{"neighbor_recall", table.recall}, {params.text("quality"), clustering.quality}}};
}

Result<Found> byDbscan(JobContext& job, const Matrix& reduced, Workers& workers) {
    const Params& params = job.params();
    DbscanOptions options{params.real("eps"), static_cast<std::size_t>(params.integer("min_points")), metricOf(params)};
    DS_ASSIGN(Clustering clustering, dbscan(reduced, options, workers, monitorOf(job, "DBSCAN: ")));
    const auto noise = static_cast<std::size_t>(std::ranges::count(clustering.cluster, -1));
    NeighborOptions search;
    search.k = std::clamp<std::size_t>(options.minPoints - 1, 1, reduced.rows - 1);
    search.metric = options.metric;
    DS_ASSIGN(const NeighborTable table, findNeighbors(reduced, search, workers, monitorOf(job)));
    const double scale = medianDistance(table, search.k);
    if (static_cast<double>(noise) > kMuchNoise * static_cast<double>(reduced.rows))
        job.warn(fmt::format("{} of {} rows belong to no cluster. Half of the rows have {} neighbours within {:.3g}: try an eps near that.", noise, reduced.rows, search.k, scale));
    return Found{std::move(clustering), {{"noise", noise}, {"median_distance_to_min_points", scale}}};
}

/// What the rows are, for a reader of clusters.csv.
Result<void> writeClusters(const std::filesystem::path& file, const EmbeddingTable& table, const std::string& column) {
    io::CsvTable csv;
    for (const char* name : {"fov_name", "track_id", "t", "id"})
        if (table.column(name)) csv.header.emplace_back(name);
    const std::size_t keys = csv.header.size();
    if (keys == 0) csv.header.emplace_back("row");
    csv.header.push_back(column);
    for (std::size_t row = 0; row < table.rows(); ++row) {
        std::vector<std::string> line;
        for (std::size_t i = 0; i < keys; ++i) line.push_back(columnText(*table.column(csv.header[i]), row));
        if (keys == 0) line.push_back(table.obsNames.empty() ? fmt::to_string(row) : table.obsNames[row]);
        line.push_back(columnText(*table.column(column), row));
        csv.rows.push_back(std::move(line));
    }
    return io::writeCsv(file, csv);
}

/// ARI and NMI against a column of the table.
Result<json> compared(const EmbeddingTable& table, const TableInput& input, const Clustering& clustering, const std::string& name) {
    DS_ASSIGN(const std::vector<std::string> texts, table.texts(name));
    const Categorical names = Categorical::fromTexts(texts);
    std::vector<std::int32_t> truth;
    for (const std::size_t row : input.rows) truth.push_back(names.codes[row]);
    const ClusterAgreement agreement = clusterAgreement(clustering.cluster, truth);
    return json{{"column", name}, {"rows", agreement.rows}, {"ari", agreement.ari}, {"nmi", agreement.nmi}};
}

Result<json> runCluster(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(EmbeddingTable table, io::readH5ad(params.text("table")));
    DS_ASSIGN(const TableInput input, readTableInput(job, table));
    Workers workers(static_cast<int>(params.integer("threads")));
    DS_ASSIGN(const Matrix reduced, reduceInput(input.features, static_cast<std::size_t>(params.integer("pca_components")), params.flag("standardize"), monitorOf(job, "PCA: ")));
    const std::string method = params.text("method");
    auto found = method == "leiden" ? byLeiden(job, reduced, workers) : byDbscan(job, reduced, workers);
    if (!found && found.error().code == ErrorCode::Cancelled) return JobContext::cancel();
    if (!found) return tl::unexpected(std::move(found).error());
    const Clustering& clustering = found->clustering;
    json result = std::move(found->details);
    std::vector<std::string> texts(table.rows());
    for (std::size_t i = 0; i < input.rows.size(); ++i)
        if (clustering.cluster[i] >= 0) texts[input.rows[i]] = fmt::to_string(clustering.cluster[i]);
    Categorical names;
    for (std::size_t i = 0; i < clustering.sizes.size(); ++i) names.categories.push_back(fmt::to_string(i));
    for (const std::string& text : texts) names.codes.push_back(text.empty() ? -1 : std::stoi(text));
    const std::string column = params.isSet("column") ? params.text("column") : method;
    DS_TRY(table.setColumn(column, std::move(names)));
    if (clustering.sizes.size() > 1) {
        DS_ASSIGN(const double shape, silhouette(reduced, clustering.cluster, kSilhouetteRows, workers));
        result["silhouette"] = shape;
    }
    if (params.isSet("compare")) {
        DS_ASSIGN(result["agreement"], compared(table, input, clustering, params.text("compare")));
    }
    table.uns["driftscope_cluster"] = job.job();
    DS_TRY(io::writeH5ad(job.out("clustered.h5ad"), table));
    DS_TRY(writeClusters(job.out("clusters.csv"), table, column));
    result.update({{"rows", input.rows.size()}, {"clusters", clustering.sizes.size()}, {"sizes", clustering.sizes}, {"column", column}, {"table", "clustered.h5ad"}, {"csv", "clusters.csv"}});
    return result;
}

}  // namespace

JobKind clusterKind() {
    std::vector<ParamSpec> specs = tableParams();
    const std::vector<ParamSpec> more{
        {.name = "method", .type = ParamType::Choice, .fallback = "leiden", .help = "Leiden: communities of the neighbour graph. DBSCAN: dense regions; rows in none stay without a cluster.", .choices = {"leiden", "dbscan"}},
        {.name = "resolution", .type = ParamType::Real, .fallback = 1.0, .help = "Leiden: higher gives more and smaller clusters.", .minimum = 0, .maximum = 1000, .source = "Traag, Waltman and van Eck 2019"},
        {.name = "quality", .type = ParamType::Choice, .fallback = "modularity", .help = "Leiden: what is made large. Clusters of modularity grow with the table, those of the constant Potts model do not.", .choices = {"modularity", "potts"}, .advanced = true},
        {.name = "iterations", .type = ParamType::Int, .fallback = 0, .help = "Leiden: passes over the graph; 0 goes on until nothing changes.", .minimum = 0, .maximum = 1000, .advanced = true},
        {.name = "eps", .type = ParamType::Real, .fallback = 0.5, .help = "DBSCAN: neighbours are within this distance.", .minimum = 1e-12, .maximum = 1e12, .source = "VisCy"},
        {.name = "min_points", .type = ParamType::Int, .fallback = 5, .help = "DBSCAN: neighbours, itself counted, that make a row a core of a cluster.", .minimum = 1, .maximum = 100000, .source = "VisCy"},
        {.name = "pca_components", .type = ParamType::Int, .fallback = 32, .help = "Principal components that are clustered; 0 takes the features as they are, as for a map (features=X_umap).", .minimum = 0, .maximum = 4096},
        {.name = "standardize", .type = ParamType::Bool, .fallback = true, .help = "Scale features to unit variance first.", .source = "VisCy"},
        {.name = "compare", .type = ParamType::Text, .help = "A column of the table to compare the clusters with (ARI, NMI), such as a label.", .optional = true},
        {.name = "column", .type = ParamType::Text, .help = "Name of the column that the clusters get; the method's name when unset.", .optional = true, .advanced = true},
        {.name = "seed", .type = ParamType::Int, .fallback = 42, .help = "Same seed, same clusters.", .minimum = 0}};
    specs.insert(specs.end(), more.begin(), more.end());
    return {"embed.cluster", "Cluster an embedding", "Groups the rows by Leiden or DBSCAN and adds them to the table as a column (clustered.h5ad, clusters.csv); cluster 0 is the largest.", std::move(specs), runCluster};
}

}  // namespace driftscope::embed
