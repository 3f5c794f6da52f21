#include "core/cells/track_edits.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>

namespace driftscope::cells {
namespace {

using Kind = TrackEdit::Kind;
constexpr std::pair<Kind, const char*> kKinds[] = {{Kind::Split, "split"},           {Kind::Merge, "merge"},           {Kind::Reparent, "reparent"},
                                                   {Kind::DeleteTrack, "delete track"}, {Kind::DeleteCell, "delete cell"}, {Kind::Repaint, "repaint"}};

std::string kindName(Kind kind) {
    return std::ranges::find(kKinds, kind, [](const auto& pair) { return pair.first; })->second;
}

/// Lengths of runs, beginning with a run outside the cell.
std::vector<std::size_t> runsOf(const std::vector<bool>& inside) {
    std::vector<std::size_t> runs{0};
    bool state = false;
    for (const bool bit : inside) {
        if (bit != state) {
            runs.push_back(0);
            state = bit;
        }
        ++runs.back();
    }
    return runs;
}

Result<CellPatch> patchFrom(const nlohmann::json& json) {
    CellPatch patch{json.at("top"), json.at("left"), json.at("height"), json.at("width"), {}};
    constexpr int kLargest = 1 << 15;
    if (patch.height <= 0 || patch.width <= 0 || patch.height > kLargest || patch.width > kLargest)
        return fail(ErrorCode::BadInput, fmt::format("A painted cell of {} x {} pixels.", patch.height, patch.width));
    const auto wanted = static_cast<std::size_t>(patch.height) * static_cast<std::size_t>(patch.width);
    bool state = false;
    for (const auto& run : json.at("runs")) {
        const auto length = run.get<std::int64_t>();
        if (length < 0 || static_cast<std::size_t>(length) > wanted - patch.inside.size())
            return fail(ErrorCode::BadInput, "The runs of a painted cell are longer than its box.");
        patch.inside.insert(patch.inside.end(), static_cast<std::size_t>(length), state);
        state = !state;
    }
    if (patch.inside.size() != wanted) return fail(ErrorCode::BadInput, "The runs of a painted cell do not fill its box.");
    return patch;
}

tl::unexpected<Error> refuse(std::string why, std::string remedy = {}) {
    return fail(ErrorCode::BadInput, std::move(why), std::move(remedy));
}

}  // namespace

// ---- patches and edits ----------------------------------------------------------------------------------------------

std::size_t CellPatch::area() const {
    return static_cast<std::size_t>(std::ranges::count(inside, true));
}

bool CellPatch::contains(int y, int x) const {
    if (y < top || x < left || y >= top + height || x >= left + width) return false;
    return inside[static_cast<std::size_t>(y - top) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x - left)];
}

std::pair<double, double> CellPatch::centroid() const {
    double sumY = 0, sumX = 0, count = 0;
    for (int y = top; y < top + height; ++y)
        for (int x = left; x < left + width; ++x)
            if (contains(y, x)) {
                sumY += y;
                sumX += x;
                ++count;
            }
    return {sumY / count, sumX / count};
}

std::string TrackEdit::describe() const {
    switch (kind) {
        case Kind::Split: return fmt::format("Cut track {} before frame {}; the rest is track {}", track, t, other);
        case Kind::Merge: return fmt::format("Joined track {} to track {}", other, track);
        case Kind::Reparent: return other < 0 ? fmt::format("Track {} descends from nobody", track) : fmt::format("Track {} descends from track {}", track, other);
        case Kind::DeleteTrack: return fmt::format("Deleted track {}", track);
        case Kind::DeleteCell: return fmt::format("Deleted the cell of track {} in frame {}", track, t);
        case Kind::Repaint: return fmt::format("Painted the cell of track {} in frame {} ({} px)", track, t, patch.area());
    }
    return {};
}

nlohmann::json TrackEdit::toJson() const {
    nlohmann::json json{{"edit", kindName(kind)}, {"fov", fov}, {"track", track}, {"other", other}, {"t", t}};
    if (kind == Kind::Repaint)
        json["patch"] = {{"top", patch.top}, {"left", patch.left}, {"height", patch.height}, {"width", patch.width}, {"runs", runsOf(patch.inside)}};
    return json;
}

Result<TrackEdit> TrackEdit::fromJson(const nlohmann::json& json) {
    try {
        const auto name = json.at("edit").get<std::string>();
        const auto known = std::ranges::find(kKinds, name, [](const auto& pair) { return std::string(pair.second); });
        if (known == std::end(kKinds)) return fail(ErrorCode::BadInput, fmt::format("There is no track edit '{}'.", name));
        TrackEdit edit{known->first, json.at("fov"), json.at("track"), json.at("other"), json.at("t"), {}};
        if (edit.kind == Kind::Repaint) {
            DS_ASSIGN(edit.patch, patchFrom(json.at("patch")));
        }
        return edit;
    } catch (const nlohmann::json::exception& error) {
        return fail(ErrorCode::BadInput, fmt::format("A track edit cannot be read: {}.", error.what()));
    }
}

// ---- tracks under correction ----------------------------------------------------------------------------------------

EditedTracks::EditedTracks(TrackTable source) : tracks_(std::move(source)) {
    for (std::size_t i = 0; i < tracks_.detections.size(); ++i) {
        sources_.emplace_back(i);
        const Detection& d = tracks_.detections[i];
        stored_.push_back(d.trackId);
        largestTrack_ = std::max({largestTrack_, d.trackId, d.parentTrackId});
        largestId_ = std::max(largestId_, d.id);
    }
}

std::optional<EditedTracks::Extent> EditedTracks::extent(std::int64_t track) const {
    std::optional<Extent> out;
    for (const Detection& d : tracks_.detections) {
        if (d.trackId != track) continue;
        if (!out) out = Extent{d.t, d.t, d.parentTrackId};
        out->first = std::min(out->first, d.t);
        out->last = std::max(out->last, d.t);
    }
    return out;
}

Result<EditedTracks::Extent> EditedTracks::need(std::int64_t track) const {
    if (const auto found = extent(track)) return *found;
    return refuse(fmt::format("Position {} has no track {}.", tracks_.fovName, track), "It may have been deleted or joined to another one.");
}

Result<void> EditedTracks::apply(const TrackEdit& edit) {
    const auto done = [&]() -> Result<void> {
        switch (edit.kind) {
            case Kind::Split: return split(edit);
            case Kind::Merge: return merge(edit);
            case Kind::Reparent: return reparent(edit);
            case Kind::DeleteTrack: return remove(edit, true);
            case Kind::DeleteCell: return remove(edit, false);
            case Kind::Repaint: return repaint(edit);
        }
        return {};
    }();
    if (done) linkDetections();
    return done;
}

Result<void> EditedTracks::split(const TrackEdit& edit) {
    DS_ASSIGN(const Extent before, need(edit.track));
    if (edit.t <= before.first || edit.t > before.last)
        return refuse(fmt::format("Track {} lives from frame {} to {}: there is nothing to cut before frame {}.", edit.track, before.first, before.last, edit.t),
                      "Go to a later frame of this track.");
    if (edit.other <= 0 || extent(edit.other)) return refuse(fmt::format("Track {} exists already.", edit.other));
    for (Detection& d : tracks_.detections)
        if (d.trackId == edit.track && d.t >= edit.t) {
            d.trackId = edit.other;
            d.parentTrackId = -1;
        }
    moveDaughters(edit.track, edit.other);
    renamePatches(edit.track, edit.other, edit.t);
    cuts_.emplace_back(edit.track, edit.other);
    largestTrack_ = std::max(largestTrack_, edit.other);
    return {};
}

Result<void> EditedTracks::merge(const TrackEdit& edit) {
    DS_ASSIGN(const Extent a, need(edit.track));
    DS_ASSIGN(const Extent b, need(edit.other));
    if (edit.track == edit.other) return refuse("A track cannot be joined to itself.");
    std::set<std::int64_t> frames;
    for (const Detection& d : tracks_.detections)
        if (d.trackId == edit.track) frames.insert(d.t);
    for (const Detection& d : tracks_.detections)
        if (d.trackId == edit.other && frames.contains(d.t))
            return refuse(fmt::format("Tracks {} and {} both have a cell in frame {}.", edit.track, edit.other, d.t), "Cut one of them first, or delete one of the two cells.");
    std::int64_t parent = a.first < b.first ? a.parent : b.parent;  // that of the earlier part
    if (parent == edit.track || parent == edit.other) parent = -1;
    for (Detection& d : tracks_.detections)
        if (d.trackId == edit.other) d.trackId = edit.track;
    moveDaughters(edit.other, edit.track);
    releaseEarlyDaughters(edit.track);
    setParent(edit.track, parent);
    renamePatches(edit.other, edit.track, std::numeric_limits<std::int64_t>::min());
    return {};
}

Result<void> EditedTracks::reparent(const TrackEdit& edit) {
    DS_ASSIGN(const Extent child, need(edit.track));
    if (edit.other < 0) {
        setParent(edit.track, -1);
        return {};
    }
    DS_ASSIGN(const Extent mother, need(edit.other));
    if (mother.last >= child.first)
        return refuse(fmt::format("Track {} lives until frame {}, so it cannot be the mother of track {}, which begins in frame {}.", edit.other, mother.last, edit.track, child.first),
                      "Cut the mother before the division first.");
    setParent(edit.track, edit.other);
    return {};
}

Result<void> EditedTracks::remove(const TrackEdit& edit, bool wholeTrack) {
    DS_TRY(need(edit.track));
    const auto goes = [&](const Detection& d) { return d.trackId == edit.track && (wholeTrack || d.t == edit.t); };
    if (std::ranges::none_of(tracks_.detections, goes)) return refuse(fmt::format("Track {} has no cell in frame {}.", edit.track, edit.t));
    TrackTable kept{tracks_.fovName, {}, tracks_.hasZ, tracks_.warnings};
    std::vector<std::optional<std::size_t>> sources;
    std::vector<std::int64_t> stored;
    for (std::size_t i = 0; i < tracks_.detections.size(); ++i)
        if (!goes(tracks_.detections[i])) {
            kept.detections.push_back(tracks_.detections[i]);
            sources.push_back(sources_[i]);
            stored.push_back(stored_[i]);
        }
    tracks_ = std::move(kept);
    sources_ = std::move(sources);
    stored_ = std::move(stored);
    std::erase_if(patches_, [&](const auto& entry) { return entry.first.first == edit.track && (wholeTrack || entry.first.second == edit.t); });
    if (!extent(edit.track)) moveDaughters(edit.track, -1);
    return {};
}

Result<void> EditedTracks::repaint(const TrackEdit& edit) {
    if (edit.patch.area() == 0) return refuse("A cell needs at least one pixel.", "Delete the cell instead.");
    if (edit.track <= 0) return refuse(fmt::format("{} is no track id.", edit.track));
    const auto [y, x] = edit.patch.centroid();
    patches_[{edit.track, edit.t}] = edit.patch;
    const auto found = std::ranges::find_if(tracks_.detections, [&](const Detection& d) { return d.trackId == edit.track && d.t == edit.t; });
    if (found != tracks_.detections.end()) {
        found->y = y;
        found->x = x;
        return {};
    }
    const auto before = extent(edit.track);
    tracks_.detections.push_back({edit.track, edit.t, 0, y, x, ++largestId_, before ? before->parent : -1, -1});
    sources_.emplace_back(std::nullopt);
    stored_.push_back(edit.track);
    largestTrack_ = std::max(largestTrack_, edit.track);
    if (before && before->parent > 0 && edit.t < before->first) {
        const auto mother = extent(before->parent);
        if (mother && mother->last >= edit.t) setParent(edit.track, -1);
    }
    releaseEarlyDaughters(edit.track);
    return {};
}

void EditedTracks::setParent(std::int64_t track, std::int64_t parent) {
    for (Detection& d : tracks_.detections)
        if (d.trackId == track) d.parentTrackId = parent;
}

void EditedTracks::moveDaughters(std::int64_t from, std::int64_t to) {
    for (Detection& d : tracks_.detections)
        if (d.parentTrackId == from && d.trackId != to) d.parentTrackId = to;
}

void EditedTracks::renamePatches(std::int64_t from, std::int64_t to, std::int64_t firstFrame) {
    std::vector<std::pair<std::int64_t, CellPatch>> moved;
    std::erase_if(patches_, [&](const auto& entry) {
        if (entry.first.first != from || entry.first.second < firstFrame) return false;
        moved.emplace_back(entry.first.second, entry.second);
        return true;
    });
    for (auto& [t, patch] : moved) patches_[{to, t}] = std::move(patch);
}

void EditedTracks::releaseEarlyDaughters(std::int64_t mother) {
    const auto lives = extent(mother);
    std::map<std::int64_t, std::int64_t> begins;
    for (const Detection& d : tracks_.detections)
        if (d.parentTrackId == mother) begins[d.trackId] = std::min(begins.try_emplace(d.trackId, d.t).first->second, d.t);
    for (const auto& [daughter, first] : begins)
        if (lives && first <= lives->last) setParent(daughter, -1);
}

/// parentId is the detection before in the track, or the mother's last one.
void EditedTracks::linkDetections() {
    std::map<std::int64_t, std::map<std::int64_t, std::size_t>> byTrack;
    for (std::size_t i = 0; i < tracks_.detections.size(); ++i) byTrack[tracks_.detections[i].trackId][tracks_.detections[i].t] = i;
    for (const auto& [track, frames] : byTrack) {
        std::int64_t previous = -1;
        if (const auto mother = byTrack.find(tracks_.detections[frames.begin()->second].parentTrackId); mother != byTrack.end())
            previous = tracks_.detections[mother->second.rbegin()->second].id;
        for (const auto& [t, i] : frames) {
            tracks_.detections[i].parentId = previous;
            previous = tracks_.detections[i].id;
        }
    }
}

// ---- linking again --------------------------------------------------------------------------------------------------

std::vector<TrackEdit> suggestLinks(const EditedTracks& tracks, const RelinkSettings& settings, std::span<const std::int64_t> among) {
    struct Ends {
        const Detection* first = nullptr;
        const Detection* last = nullptr;
    };
    std::map<std::int64_t, Ends> ends;
    std::set<std::int64_t> mothers;
    for (const Detection& d : tracks.tracks().detections) {
        Ends& of = ends[d.trackId];
        if (!of.first || d.t < of.first->t) of.first = &d;
        if (!of.last || d.t > of.last->t) of.last = &d;
        if (d.parentTrackId > 0) mothers.insert(d.parentTrackId);
    }
    const auto allowed = [&](std::int64_t track) { return among.empty() || std::ranges::find(among, track) != among.end(); };
    struct Candidate {
        double cost;
        std::int64_t before, after;
    };
    std::vector<Candidate> candidates;
    for (const auto& [before, a] : ends) {
        if (mothers.contains(before)) continue;
        for (const auto& [after, b] : ends) {
            if (before == after || b.first->parentTrackId > 0 || (!allowed(before) && !allowed(after))) continue;
            const std::int64_t lag = b.first->t - a.last->t;
            if (lag < 1 || lag > settings.gapFrames + 1) continue;
            const double distance = std::hypot(a.last->y - b.first->y, a.last->x - b.first->x);
            const bool cut = std::ranges::find(tracks.cuts(), std::pair(before, after)) != tracks.cuts().end();
            if (distance <= settings.maxDistance && !cut) candidates.push_back({distance * static_cast<double>(lag), before, after});
        }
    }
    std::ranges::sort(candidates, {}, [](const Candidate& c) { return std::tuple(c.cost, c.before, c.after); });
    std::set<std::int64_t> ended, begun;
    std::map<std::int64_t, std::int64_t> became;  // a joined track goes by the name of the first of the chain
    const auto nameOf = [&](std::int64_t track) {
        while (became.contains(track)) track = became[track];
        return track;
    };
    std::vector<TrackEdit> out;
    for (const Candidate& c : candidates) {
        if (ended.contains(c.before) || begun.contains(c.after)) continue;
        ended.insert(c.before);
        begun.insert(c.after);
        out.push_back({Kind::Merge, tracks.tracks().fovName, nameOf(c.before), c.after, 0, {}});
        became[c.after] = c.before;
    }
    // Later edits of the list must name a track as the earlier ones left it.
    std::map<std::int64_t, std::int64_t> renamed;
    for (TrackEdit& edit : out) {
        while (renamed.contains(edit.track)) edit.track = renamed[edit.track];
        renamed[edit.other] = edit.track;
    }
    return out;
}

}  // namespace driftscope::cells
