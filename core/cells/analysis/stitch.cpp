#include "core/cells/analysis/stitch.h"

#include <algorithm>
#include <cmath>

#include "core/cells/assignment.h"

namespace driftscope::cells {
namespace {

double length(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += (static_cast<double>(a[i]) - b[i]) * (static_cast<double>(a[i]) - b[i]);
    return std::sqrt(sum);
}

double cosineDistance(std::span<const float> a, std::span<const float> b) {
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += static_cast<double>(a[i]) * b[i];
        aa += static_cast<double>(a[i]) * a[i];
        bb += static_cast<double>(b[i]) * b[i];
    }
    return aa > 0 && bb > 0 ? 1 - ab / std::sqrt(aa * bb) : 1;
}

}  // namespace

std::vector<StitchLink> stitchTracks(std::span<const Trajectory> tracks, const Matrix& positions, const Matrix& features, std::span<const std::int32_t> field,
                                     std::span<const std::uint8_t> hasDaughters, std::span<const std::uint8_t> hasMother, const StitchOptions& options) {
    std::vector<std::uint32_t> starts;
    for (std::uint32_t i = 0; i < tracks.size(); ++i)
        if (!hasMother[i]) starts.push_back(i);
    std::ranges::stable_sort(starts, {}, [&](std::uint32_t i) { return tracks[i].steps.front(); });
    std::vector<StitchLink> candidates;
    std::vector<AssignmentEdge> edges;
    for (std::uint32_t before = 0; before < tracks.size(); ++before) {
        if (hasDaughters[before]) continue;
        const std::int64_t last = tracks[before].steps.back();
        auto at = std::ranges::upper_bound(starts, last, {}, [&](std::uint32_t i) { return tracks[i].steps.front(); });
        for (; at != starts.end() && tracks[*at].steps.front() <= last + options.mostGap + 1; ++at) {
            if (field[before] != field[*at]) continue;
            const std::uint32_t a = tracks[before].rows.back(), b = tracks[*at].rows.front();
            const StitchLink link{before, *at, tracks[*at].steps.front() - last - 1, length(positions.row(a), positions.row(b)), cosineDistance(features.row(a), features.row(b))};
            if (link.distance > options.mostDistance || link.featureDistance > options.mostFeatureDistance) continue;
            candidates.push_back(link);
            edges.push_back({before, *at, link.distance / options.mostDistance + options.featureWeight * link.featureDistance});
        }
    }
    // Any allowed link is worth more than none.
    const std::vector<std::uint32_t> chosen = assign(tracks.size(), tracks.size(), edges, 1e6);
    std::erase_if(candidates, [&](const StitchLink& link) { return chosen[link.before] != link.after; });
    return candidates;
}

std::vector<std::vector<std::uint32_t>> lineagePaths(std::span<const std::uint32_t> parent) {
    std::vector<std::uint8_t> isMother(parent.size());
    for (std::uint32_t i = 0; i < parent.size(); ++i)
        if (parent[i] != i) isMother[parent[i]] = 1;
    std::vector<std::vector<std::uint32_t>> out;
    for (std::uint32_t leaf = 0; leaf < parent.size(); ++leaf) {
        if (isMother[leaf]) continue;
        std::vector<std::uint32_t> path{leaf};
        while (parent[path.back()] != path.back() && path.size() <= parent.size()) path.push_back(parent[path.back()]);
        std::ranges::reverse(path);
        out.push_back(std::move(path));
    }
    return out;
}

}  // namespace driftscope::cells
