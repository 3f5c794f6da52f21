#pragma once

#include <vector>

#include "core/base/error.h"
#include "core/table/embedding_table.h"
#include "core/topics/measure/matching.h"

namespace driftscope::topics {

/// Points of a plane, and how much of the distances it shows.
struct PlaneMap {
    std::vector<double> x, y;
    double shown = 0;  ///< share of the squared distances' positive eigenvalues that both axes hold, 0 … 1
};

/// Classical multidimensional scaling into two dimensions (Torgerson 1952): the plane whose distances come closest to the
/// given ones in squares. On each axis the point farthest from 0 is positive, so that the same distances give the same map.
/// One point, or points without distances, lie at 0. Errors: not square, not finite.
Result<PlaneMap> classicalScaling(const CostMatrix& distances);

/// Topics in the plane by the Jensen-Shannon distance of their words (square root of the divergence in nats).
Result<PlaneMap> mapTopics(const Matrix& beta);

}  // namespace driftscope::topics
