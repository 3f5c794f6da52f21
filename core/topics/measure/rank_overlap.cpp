#include "core/topics/measure/rank_overlap.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace driftscope::topics {

double rankOverlap(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b, OverlapKind kind, double p, std::size_t ids) {
    const std::size_t depth = std::min(a.size(), b.size());
    if (depth == 0) return 0;
    // A mark per id that outlives the call: 1 for a, 2 for b. Only the ids of the lists are cleared.
    thread_local std::vector<std::uint8_t> seen;
    if (seen.size() < ids) seen.resize(ids, 0);
    double common = 0, sum = 0, weight = 1 - p;
    for (std::size_t d = 0; d < depth; ++d) {
        seen[a[d]] |= 1;
        if (seen[a[d]] == 3) ++common;
        if (!(a[d] == b[d] && seen[b[d]] == 3)) {
            seen[b[d]] |= 2;
            if (seen[b[d]] == 3) ++common;
        }
        const double agreement = common / static_cast<double>(d + 1);
        sum += kind == OverlapKind::Average ? agreement : weight * agreement;
        weight *= p;
    }
    for (std::size_t d = 0; d < depth; ++d) seen[a[d]] = seen[b[d]] = 0;
    const double last = common / static_cast<double>(depth);
    if (kind == OverlapKind::Average) return sum / static_cast<double>(depth);
    if (kind == OverlapKind::Extrapolated) sum += last * std::pow(p, static_cast<double>(depth));
    return std::clamp(sum, 0.0, 1.0);
}

}  // namespace driftscope::topics
