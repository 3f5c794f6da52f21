#include "core/cells/exchange/track_set.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "core/cells/lineage.h"

namespace driftscope::cells {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// Who precedes and follows whom, by index of detection.
struct Neighbours {
    std::vector<std::size_t> mother;
    std::vector<std::size_t> daughters;  ///< how many
};

Result<std::unordered_map<std::int64_t, std::size_t>> indexIds(const std::vector<Detection>& cells) {
    std::unordered_map<std::int64_t, std::size_t> index;
    for (std::size_t i = 0; i < cells.size(); ++i)
        if (!index.emplace(cells[i].id, i).second)
            return fail(ErrorCode::BadInput, fmt::format("Cell {} is there twice.", cells[i].id), "Every cell of every frame needs an id of its own.");
    return index;
}

/// How far a mother is from her daughter: frames, then pixels, then id, so that the choice never depends on the order in a file.
auto distance(const Detection& mother, const Detection& daughter) {
    return std::tuple(daughter.t - mother.t, std::hypot(daughter.x - mother.x, daughter.y - mother.y, daughter.z - mother.z), mother.id);
}

/// Keeps one mother per cell; the other links are further ones.
Result<Neighbours> chooseMothers(const std::vector<Detection>& cells, const std::vector<CellLink>& cellLinks, std::vector<CellLink>& further) {
    DS_ASSIGN(const auto index, indexIds(cells));
    Neighbours result{std::vector<std::size_t>(cells.size(), kNone), std::vector<std::size_t>(cells.size(), 0)};
    std::set<CellLink> seen;
    for (const CellLink& link : cellLinks) {
        const auto from = index.find(link.first), to = index.find(link.second);
        if (from == index.end() || to == index.end())
            return fail(ErrorCode::BadInput, fmt::format("A link goes from cell {} to cell {}, but cell {} is not in the file.", link.first, link.second, from == index.end() ? link.first : link.second),
                        "Write the file again with all cells that are linked.");
        if (cells[from->second].t >= cells[to->second].t)
            return fail(ErrorCode::BadInput, fmt::format("The link from cell {} in frame {} to cell {} in frame {} does not go forward in time.", link.first, cells[from->second].t, link.second, cells[to->second].t),
                        "Links lead from a frame to a later one.");
        if (!seen.insert(link).second) continue;
        std::size_t& mother = result.mother[to->second];
        std::size_t other = from->second;
        if (mother != kNone && distance(cells[other], cells[to->second]) < distance(cells[mother], cells[to->second])) std::swap(mother, other);
        if (mother == kNone)
            mother = other;
        else
            further.emplace_back(cells[other].id, link.second);
    }
    for (const std::size_t mother : result.mother)
        if (mother != kNone) ++result.daughters[mother];
    return result;
}

std::vector<std::size_t> byTime(const std::vector<Detection>& cells) {
    std::vector<std::size_t> order(cells.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(cells[i].t, cells[i].id); });
    return order;
}

}  // namespace

Result<void> assignTracks(TrackSet& set, const std::vector<CellLink>& cellLinks) {
    std::vector<Detection>& cells = set.tracks.detections;
    DS_ASSIGN(const Neighbours neighbours, chooseMothers(cells, cellLinks, set.furtherLinks));
    std::int64_t tracks = 0;
    for (const std::size_t i : byTime(cells)) {
        const std::size_t mother = neighbours.mother[i];
        cells[i].parentId = mother == kNone ? -1 : cells[mother].id;
        if (mother != kNone && neighbours.daughters[mother] == 1) {
            cells[i].trackId = cells[mother].trackId;
            cells[i].parentTrackId = cells[mother].parentTrackId;
        } else {
            cells[i].trackId = ++tracks;
            cells[i].parentTrackId = mother == kNone ? -1 : cells[mother].trackId;
        }
    }
    if (!set.furtherLinks.empty())
        set.tracks.warnings.push_back(fmt::format("{} cells have more than one mother: tracks keep the nearest, other formats than graphs lose {} links.", [&] {
            std::set<std::int64_t> merged;
            for (const CellLink& link : set.furtherLinks) merged.insert(link.second);
            return merged.size();
        }(), set.furtherLinks.size()));
    return {};
}

std::vector<CellLink> links(const TrackSet& set) {
    const std::vector<Detection>& cells = set.tracks.detections;
    std::map<std::int64_t, std::vector<std::size_t>> rowsOf;
    for (std::size_t i = 0; i < cells.size(); ++i) rowsOf[cells[i].trackId].push_back(i);
    for (auto& [track, rows] : rowsOf) std::ranges::sort(rows, {}, [&](std::size_t row) { return cells[row].t; });
    std::vector<CellLink> result;
    for (const auto& [track, rows] : rowsOf) {
        const Detection& first = cells[rows.front()];
        const auto mother = first.parentTrackId < 0 ? rowsOf.end() : rowsOf.find(first.parentTrackId);
        if (mother != rowsOf.end()) {
            // Her cell that the file names, or else her last one before the daughter appears.
            std::size_t from = kNone;
            for (const std::size_t row : mother->second)
                if (cells[row].t < first.t && (from == kNone || cells[from].id != first.parentId)) from = row;
            if (from != kNone) result.emplace_back(cells[from].id, first.id);
        }
        for (std::size_t i = 1; i < rows.size(); ++i) result.emplace_back(cells[rows[i - 1]].id, cells[rows[i]].id);
    }
    result.insert(result.end(), set.furtherLinks.begin(), set.furtherLinks.end());
    return result;
}

std::size_t divisions(const TrackSet& set) {
    std::map<std::int64_t, std::size_t> away;
    for (const CellLink& link : links(set)) ++away[link.first];
    return static_cast<std::size_t>(std::ranges::count_if(away, [](const auto& entry) { return entry.second >= 2; }));
}

Result<void> checkTracks(const TrackSet& set, const std::string& place) {
    std::set<std::pair<std::int64_t, std::int64_t>> seen;
    for (const Detection& cell : set.tracks.detections) {
        if (!std::isfinite(cell.x) || !std::isfinite(cell.y) || !std::isfinite(cell.z))
            return fail(ErrorCode::BadInput, fmt::format("{}: cell {} in frame {} has no position.", place, cell.id, cell.t), "Positions must be numbers.");
        if (cell.t < 0) return fail(ErrorCode::BadInput, fmt::format("{}: cell {} is in frame {}.", place, cell.id, cell.t), "Frames count from 0.");
        if (cell.trackId < 0 || cell.trackId > 0xFFFFFFFFLL)
            return fail(ErrorCode::BadInput, fmt::format("{}: track {} cannot be a mask's pixel value.", place, cell.trackId), "Track ids are whole numbers from 0 to 4294967295.");
        if (!seen.emplace(cell.trackId, cell.t).second)
            return fail(ErrorCode::BadInput, fmt::format("{}: track {} is in frame {} twice.", place, cell.trackId, cell.t), "A track has one cell per frame; remove or renumber one of the two.");
    }
    if (auto lineages = Lineages::make(set.tracks.detections); !lineages) return tl::unexpected(std::move(lineages).error().during("while reading " + place));
    return {};
}

}  // namespace driftscope::cells
