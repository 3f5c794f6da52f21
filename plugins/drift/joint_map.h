#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <tuple>
#include <vector>

#include "plugins/drift/drift_data.h"

namespace driftscope::drift {

/// How before and after come into one picture.
enum class Projection {
    JointPca,   ///< principal components of all states together
    BeforePca,  ///< of the state before; later states are projected: what leaves the old plane is not seen
    Umap,       ///< of all states together
};

/// What goes into the map. All steps take part, so that the axes stay while the step moves.
struct MapRequest {
    std::vector<std::shared_ptr<const DriftData>> sides;  ///< the run, and the one it is compared with
    std::string point;
    std::vector<std::int64_t> layers;  ///< one, or all of them
    Projection projection = Projection::JointPca;
};

/// One point of the map.
struct MapPoint {
    int side = 0;
    std::uint32_t sample = 0;  ///< index into its side's samples
    std::int64_t layer = 0, step = 0;
};

struct JointMap {
    std::vector<MapPoint> points;
    std::vector<float> x, y;
    std::vector<std::vector<std::uint32_t>> trajectories;  ///< points of one sample and layer, the state before first
    std::vector<std::int64_t> steps;                       ///< of every point
    double variance[2] = {0, 0};                           ///< shares of the two components; 0 for UMAP
    /// The point of this sample and layer at a step; nothing when there is none.
    std::optional<std::uint32_t> find(int side, std::uint32_t sample, std::int64_t layer, std::int64_t step) const;

  private:
    friend Result<JointMap> jointMap(const MapRequest& request, const std::stop_token& stop);
    std::map<std::tuple<int, std::uint32_t, std::int64_t, std::int64_t>, std::uint32_t> index_;
};

/// Errors: models of different width, too many numbers for one picture, fewer than three points, cancelled.
Result<JointMap> jointMap(const MapRequest& request, const std::stop_token& stop);

}  // namespace driftscope::drift
