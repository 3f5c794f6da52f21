#include "core/cells/lineage.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace driftscope::cells {
namespace {

using Tracks = std::map<std::int64_t, TrackSummary>;

Tracks groupByTrack(std::span<const Detection> detections) {
    Tracks tracks;
    for (std::size_t i = 0; i < detections.size(); ++i) {
        TrackSummary& track = tracks[detections[i].trackId];
        track.trackId = detections[i].trackId;
        track.rows.push_back(i);
        // Some writers give the mother in the first row of a track only.
        if (track.parent < 0) track.parent = detections[i].parentTrackId;
    }
    for (auto& [id, track] : tracks) {
        std::ranges::sort(track.rows, {}, [&](std::size_t row) { return detections[row].t; });
        track.firstFrame = detections[track.rows.front()].t;
        track.lastFrame = detections[track.rows.back()].t;
    }
    return tracks;
}

/// Resolves root and generation of `start` by walking up to a resolved ancestor. `resolved` holds finished tracks.
Result<void> resolve(Tracks& tracks, std::int64_t start, std::set<std::int64_t>& resolved) {
    std::vector<std::int64_t> path;
    std::set<std::int64_t> onPath;
    std::int64_t current = start;
    while (!resolved.contains(current)) {
        if (!onPath.insert(current).second) {
            std::vector<std::int64_t> cycle(std::ranges::find(path, current), path.end());
            cycle.push_back(current);
            return fail(ErrorCode::BadInput,
                        fmt::format("parent_track_id goes in a circle: track {}", fmt::join(cycle, " <- ")),
                        "A track cannot descend from itself. Write -1 for tracks without a mother.");
        }
        path.push_back(current);
        if (tracks[current].parent < 0) break;
        current = tracks[current].parent;
    }
    for (auto id = path.rbegin(); id != path.rend(); ++id) {
        TrackSummary& track = tracks[*id];
        const bool isRoot = track.parent < 0;
        track.root = isRoot ? *id : tracks[track.parent].root;
        track.generation = isRoot ? 0 : tracks[track.parent].generation + 1;
        resolved.insert(*id);
    }
    return {};
}

}  // namespace

Result<Lineages> Lineages::make(std::span<const Detection> detections) {
    Lineages result;
    result.tracks_ = groupByTrack(detections);
    std::set<std::int64_t> unknown;
    for (auto& [id, track] : result.tracks_) {
        if (track.parent < 0) continue;
        if (const auto mother = result.tracks_.find(track.parent); mother != result.tracks_.end()) {
            mother->second.daughters.push_back(id);
        } else {
            unknown.insert(track.parent);
            track.parent = -1;
        }
    }
    std::set<std::int64_t> resolved;
    for (const auto& [id, track] : result.tracks_) DS_TRY(resolve(result.tracks_, id, resolved));
    result.unknownParents_.assign(unknown.begin(), unknown.end());
    return result;
}

const TrackSummary* Lineages::find(std::int64_t trackId) const {
    const auto found = tracks_.find(trackId);
    return found == tracks_.end() ? nullptr : &found->second;
}

std::int64_t Lineages::root(std::int64_t trackId) const {
    const TrackSummary* track = find(trackId);
    return track ? track->root : trackId;
}

std::vector<std::int64_t> Lineages::members(std::int64_t root) const {
    std::vector<std::int64_t> members;
    if (find(root)) members.push_back(root);
    for (std::size_t i = 0; i < members.size(); ++i) {
        const auto& daughters = find(members[i])->daughters;
        members.insert(members.end(), daughters.begin(), daughters.end());
    }
    return members;
}

std::size_t Lineages::divisions() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(tracks_, [](const auto& entry) { return entry.second.daughters.size() >= 2; }));
}

}  // namespace driftscope::cells
