#include <igraph/igraph.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>

#include "core/embed/cluster.h"

namespace driftscope::embed {
namespace {

constexpr double kBeta = 0.01;  // randomness of the refinement, igraph's and leidenalg's default
constexpr std::size_t kMostIterations = 100;

/// igraph keeps its random generator and its error handler for the whole process.
std::mutex& igraphLock() {
    static std::mutex lock;
    return lock;
}

/// An undirected igraph graph that frees itself.
class Graph {
  public:
    explicit Graph(const FuzzyGraph& graph) {
        std::vector<igraph_integer_t> ends;
        for (std::size_t row = 0; row < graph.rows(); ++row)
            for (std::size_t at = graph.starts[row]; at < graph.starts[row + 1]; ++at)
                if (graph.targets[at] > row) {
                    ends.push_back(static_cast<igraph_integer_t>(row));
                    ends.push_back(graph.targets[at]);
                    weights_.push_back(graph.weights[at]);
                }
        igraph_vector_int_t view;
        igraph_vector_int_view(&view, ends.data(), static_cast<igraph_integer_t>(ends.size()));
        made_ = !weights_.empty() && igraph_create(&graph_, &view, static_cast<igraph_integer_t>(graph.rows()), IGRAPH_UNDIRECTED) == IGRAPH_SUCCESS;
    }
    ~Graph() {
        if (made_) igraph_destroy(&graph_);
    }
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;

    bool made() const { return made_; }
    const igraph_t* get() const { return &graph_; }
    std::vector<igraph_real_t>& weights() { return weights_; }

  private:
    igraph_t graph_{};
    std::vector<igraph_real_t> weights_;
    bool made_ = false;
};

std::vector<double> strengths(const FuzzyGraph& graph) {
    std::vector<double> out(graph.rows());
    for (std::size_t row = 0; row < graph.rows(); ++row)
        for (std::size_t at = graph.starts[row]; at < graph.starts[row + 1]; ++at)
            if (graph.targets[at] != row) out[row] += graph.weights[at];
    return out;
}

/// Sum of (A_ij - penalty n_i n_j) over ordered pairs of one cluster.
double within(const FuzzyGraph& graph, std::span<const std::int32_t> cluster, const std::vector<double>& nodes, double penalty) {
    double sum = 0;
    std::map<std::int32_t, double> totals;
    for (std::size_t row = 0; row < graph.rows(); ++row) {
        if (cluster[row] < 0) {
            sum -= penalty * nodes[row] * nodes[row];
            continue;
        }
        totals[cluster[row]] += nodes[row];
        for (std::size_t at = graph.starts[row]; at < graph.starts[row + 1]; ++at)
            if (graph.targets[at] != row && cluster[graph.targets[at]] == cluster[row]) sum += graph.weights[at];
    }
    for (const auto& [name, total] : totals) sum -= penalty * total * total;
    return sum;
}

tl::unexpected<Error> igraphFailed() {
    return fail(ErrorCode::Internal, "igraph could not find the communities.", "The neighbour graph may be too large for this machine's memory.");
}

}  // namespace

double modularity(const FuzzyGraph& graph, std::span<const std::int32_t> cluster, double resolution) {
    const std::vector<double> nodes = strengths(graph);
    const double twice = std::accumulate(nodes.begin(), nodes.end(), 0.0);
    return twice > 0 ? within(graph, cluster, nodes, resolution / twice) / twice : 0;
}

double pottsQuality(const FuzzyGraph& graph, std::span<const std::int32_t> cluster, double resolution) {
    const std::vector<double> nodes = strengths(graph);
    const double twice = std::accumulate(nodes.begin(), nodes.end(), 0.0);
    return twice > 0 ? within(graph, cluster, std::vector<double>(graph.rows(), 1.0), resolution) / twice : 0;
}

Clustering numberBySize(std::span<const std::int32_t> cluster) {
    struct Group {
        std::size_t size = 0;
        std::size_t first = 0;
    };
    std::map<std::int32_t, Group> groups;
    for (std::size_t row = 0; row < cluster.size(); ++row) {
        if (cluster[row] < 0) continue;
        const auto [found, added] = groups.try_emplace(cluster[row], Group{0, row});
        ++found->second.size;
    }
    std::vector<std::int32_t> order;
    for (const auto& [name, group] : groups) order.push_back(name);
    std::ranges::sort(order, [&](std::int32_t a, std::int32_t b) {
        const Group &x = groups[a], &y = groups[b];
        return x.size != y.size ? x.size > y.size : x.first < y.first;
    });
    Clustering out;
    std::map<std::int32_t, std::int32_t> number;
    for (const std::int32_t name : order) {
        number[name] = static_cast<std::int32_t>(out.sizes.size());
        out.sizes.push_back(groups[name].size);
    }
    out.cluster.reserve(cluster.size());
    for (const std::int32_t name : cluster) out.cluster.push_back(name < 0 ? -1 : number[name]);
    return out;
}

Result<Clustering> leiden(const FuzzyGraph& graph, const LeidenOptions& options, const Monitor& monitor) {
    const std::lock_guard lock(igraphLock());
    igraph_set_error_handler(igraph_error_handler_ignore);
    Graph made(graph);
    if (!made.made()) return fail(ErrorCode::BadInput, "The neighbour graph has no edges.", "Clusters need rows that are near each other: use more neighbours.");
    igraph_rng_seed(igraph_rng_default(), options.seed);
    const bool byModularity = options.quality == LeidenQuality::Modularity;
    std::vector<double> nodes = byModularity ? strengths(graph) : std::vector<double>(graph.rows(), 1.0);
    const double twice = 2 * std::accumulate(made.weights().begin(), made.weights().end(), 0.0);
    igraph_vector_t weights, nodeWeights;
    igraph_vector_view(&weights, made.weights().data(), static_cast<igraph_integer_t>(made.weights().size()));
    igraph_vector_view(&nodeWeights, nodes.data(), static_cast<igraph_integer_t>(nodes.size()));
    igraph_vector_int_t membership;
    if (igraph_vector_int_init_range(&membership, 0, static_cast<igraph_integer_t>(graph.rows())) != IGRAPH_SUCCESS) return igraphFailed();
    const auto freeMembership = std::shared_ptr<void>(nullptr, [&](void*) { igraph_vector_int_destroy(&membership); });
    const auto current = [&] { return std::vector<std::int32_t>(VECTOR(membership), VECTOR(membership) + graph.rows()); };
    // One iteration per call, so that it can be cancelled in between.
    const std::size_t most = options.iterations > 0 ? options.iterations : kMostIterations;
    std::vector<std::int32_t> before = current();
    for (std::size_t i = 0; i < most; ++i) {
        if (monitor.cancelled()) return Monitor::stopped();
        monitor.report(static_cast<double>(i), static_cast<double>(most), "iteration");
        igraph_integer_t count = 0;
        igraph_real_t quality = 0;
        if (igraph_community_leiden(made.get(), &weights, &nodeWeights, byModularity ? options.resolution / twice : options.resolution, kBeta, true, 1, &membership,
                                    &count, &quality) != IGRAPH_SUCCESS)
            return igraphFailed();
        std::vector<std::int32_t> after = current();
        if (after == before) break;
        before = std::move(after);
    }
    Clustering out = numberBySize(before);
    out.quality = byModularity ? modularity(graph, out.cluster, options.resolution) : pottsQuality(graph, out.cluster, options.resolution);
    return out;
}

}  // namespace driftscope::embed
