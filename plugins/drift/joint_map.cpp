#include "plugins/drift/joint_map.h"

#include <algorithm>

#include "core/embed/neighbors.h"
#include "core/embed/pca.h"
#include "core/embed/umap.h"
#include "core/embed/workers.h"

namespace driftscope::drift {
namespace {

constexpr std::size_t kMostNumbers = 256U << 20;  // 1 GiB of vectors
constexpr std::size_t kMostNeighbors = 15;
constexpr std::size_t kUmapInput = 30;  // components that UMAP works on

struct Collected {
    std::vector<MapPoint> points;
    std::vector<std::size_t> before;  ///< places of the states before
    Matrix vectors;
};

Result<Collected> collect(const MapRequest& request, const std::stop_token& stop) {
    Collected out;
    const std::size_t width = request.sides.front()->dimensions();
    for (std::size_t side = 0; side < request.sides.size(); ++side) {
        const DriftData& data = *request.sides[side];
        if (data.dimensions() != width) return fail(ErrorCode::BadInput, fmt::format("The two models are {} and {} numbers wide and cannot share a map.", width, data.dimensions()), "Compare runs of one model.");
        std::vector<std::uint32_t> rows;
        for (const std::int64_t layer : request.layers) {
            std::vector<std::int64_t> steps = data.table().steps();
            steps.insert(steps.begin(), kBefore);
            for (const std::int64_t step : steps)
                for (const std::uint32_t row : data.rowsOf(request.point, layer, step)) {
                    if (step == kBefore) out.before.push_back(out.points.size());
                    out.points.push_back({static_cast<int>(side), data.row(row).sample, layer, step});
                    rows.push_back(row);
                }
        }
        if (out.points.size() * width > kMostNumbers) return fail(ErrorCode::Usage, fmt::format("{} vectors of {} numbers are too many for one picture.", out.points.size(), width), "Choose one layer, or measure fewer samples or steps.");
        DS_ASSIGN(Matrix some, data.vectors(rows, [&] { return stop.stop_requested(); }));
        if (side == 0) out.vectors = std::move(some);
        else {
            out.vectors.values.insert(out.vectors.values.end(), some.values.begin(), some.values.end());
            out.vectors.rows += some.rows;
        }
    }
    if (out.points.size() < 3) return fail(ErrorCode::NotFound, "Fewer than three vectors were measured here.", "Measure more samples.");
    return out;
}

Matrix some(const Matrix& all, const std::vector<std::size_t>& rows) {
    Matrix out(rows.size(), all.columns);
    for (std::size_t i = 0; i < rows.size(); ++i) std::copy_n(all.row(rows[i]).data(), all.columns, out.row(i).data());
    return out;
}

Result<Matrix> umapOf(const Matrix& vectors, const embed::Monitor& monitor) {
    const std::size_t components = std::min({kUmapInput, vectors.columns, vectors.rows - 1});
    DS_ASSIGN(const embed::Pca pca, embed::Pca::fit(vectors, {components, false, 0}, monitor));
    const Matrix reduced = pca.transform(vectors);
    embed::Workers workers;
    embed::UmapOptions options;
    options.neighbors = std::min(kMostNeighbors, vectors.rows - 1);
    embed::NeighborOptions search;
    search.k = options.neighbors;
    if (search.k >= vectors.rows) search.k = vectors.rows - 1;
    DS_ASSIGN(const embed::NeighborTable table, embed::findNeighbors(reduced, search, workers, monitor));
    return embed::umap(reduced, table, options, workers, monitor);
}

}  // namespace

std::optional<std::uint32_t> JointMap::find(int side, std::uint32_t sample, std::int64_t layer, std::int64_t step) const {
    const auto found = index_.find({side, sample, layer, step});
    return found == index_.end() ? std::nullopt : std::optional(found->second);
}

Result<JointMap> jointMap(const MapRequest& request, const std::stop_token& stop) {
    DS_ASSIGN(Collected all, collect(request, stop));
    const embed::Monitor monitor{stop, {}};
    JointMap out;
    Matrix flat;
    if (request.projection == Projection::Umap) {
        DS_ASSIGN(flat, umapOf(all.vectors, monitor));
    } else {
        const bool joint = request.projection == Projection::JointPca;
        const Matrix before = joint ? Matrix() : some(all.vectors, all.before);
        DS_ASSIGN(const embed::Pca pca, embed::Pca::fit(joint ? all.vectors : before, {2, false, 0}, monitor));
        flat = pca.transform(all.vectors);
        for (std::size_t c = 0; c < 2; ++c) out.variance[c] = pca.explainedVarianceRatio[c];
    }
    std::map<std::tuple<int, std::uint32_t, std::int64_t>, std::size_t> trackOf;
    for (std::uint32_t i = 0; i < all.points.size(); ++i) {
        const MapPoint& point = all.points[i];
        out.x.push_back(flat(i, 0));
        out.y.push_back(flat(i, 1));
        out.steps.push_back(point.step);
        out.index_[{point.side, point.sample, point.layer, point.step}] = i;
        const auto [track, isNew] = trackOf.try_emplace({point.side, point.sample, point.layer}, out.trajectories.size());
        if (isNew) out.trajectories.emplace_back();
        out.trajectories[track->second].push_back(i);
    }
    out.points = std::move(all.points);
    return out;
}

}  // namespace driftscope::drift
