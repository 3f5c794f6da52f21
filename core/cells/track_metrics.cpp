#include "core/cells/track_metrics.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "core/cells/lineage.h"
#include "core/cells/regions.h"

namespace driftscope::cells {
namespace {

using Spot = std::pair<std::int64_t, std::int64_t>;  // frame, track
using Link = std::pair<Spot, Spot>;                  // earlier, later

Result<std::set<Link>> linksOf(const TrackTable& table) {
    DS_ASSIGN(const Lineages lineages, Lineages::make(table.detections));
    std::set<Link> links;
    for (const auto& [id, track] : lineages.tracks()) {
        const TrackSummary* mother = lineages.find(track.parent);
        if (mother) links.insert({{mother->lastFrame, mother->trackId}, {track.firstFrame, id}});
        for (std::size_t i = 1; i < track.rows.size(); ++i)
            links.insert({{table.detections[track.rows[i - 1]].t, id}, {table.detections[track.rows[i]].t, id}});
    }
    return links;
}

std::unordered_map<std::uint32_t, std::uint32_t> areas(const io::LabelImage& labels) {
    std::unordered_map<std::uint32_t, std::uint32_t> result;
    for (const std::uint32_t label : labels.pixels)
        if (label != 0) ++result[label];
    return result;
}

/// Pairs with IoU > 0.5 of all frames: reference spot -> our spot.
Result<std::map<Spot, Spot>> matchSpots(std::span<const io::LabelImage> reference, std::span<const io::LabelImage> ours,
                                        TrackAgreement& agreement) {
    std::map<Spot, Spot> partner;
    for (std::size_t t = 0; t < reference.size(); ++t) {
        if (reference[t].width != ours[t].width || reference[t].height != ours[t].height)
            return fail(ErrorCode::BadInput, fmt::format("The masks of frame {} differ in size", t));
        const auto a = areas(reference[t]), b = areas(ours[t]);
        agreement.referenceDetections += a.size();
        agreement.ourDetections += b.size();
        for (const Overlap& o : overlaps(reference[t], ours[t])) {
            const double iou = o.pixels / static_cast<double>(a.at(o.first) + b.at(o.second) - o.pixels);
            if (iou <= 0.5) continue;
            const auto frame = static_cast<std::int64_t>(t);
            partner[{frame, o.first}] = {frame, o.second};
            agreement.meanIou += iou;
        }
    }
    agreement.matched = partner.size();
    if (agreement.matched) agreement.meanIou /= static_cast<double>(agreement.matched);
    return partner;
}

std::set<Link> translated(const std::set<Link>& links, const std::map<Spot, Spot>& partner) {
    std::set<Link> result;
    for (const auto& [from, to] : links) {
        const auto a = partner.find(from), b = partner.find(to);
        if (a != partner.end() && b != partner.end()) result.insert({a->second, b->second});
    }
    return result;
}

/// Mothers, as their last spot, with two daughters' first spots among the links.
std::map<Spot, std::set<Spot>> divisionsIn(const std::set<Link>& links) {
    std::map<Spot, std::set<Spot>> daughters;
    for (const auto& [from, to] : links)
        if (from.second != to.second) daughters[from].insert(to);
    std::erase_if(daughters, [](const auto& entry) { return entry.second.size() < 2; });
    return daughters;
}

}  // namespace

Result<TrackAgreement> compareTracks(std::span<const io::LabelImage> reference, const TrackTable& referenceTracks,
                                     std::span<const io::LabelImage> ours, const TrackTable& ourTracks) {
    if (reference.size() != ours.size())
        return fail(ErrorCode::BadInput,
                    fmt::format("The reference has {} frames, ours has {}", reference.size(), ours.size()));
    TrackAgreement result;
    DS_ASSIGN(const auto partner, matchSpots(reference, ours, result));
    std::map<Spot, Spot> back;
    for (const auto& [theirs, mine] : partner) back[mine] = theirs;
    DS_ASSIGN(const auto referenceLinks, linksOf(referenceTracks));
    DS_ASSIGN(const auto ourLinks, linksOf(ourTracks));
    const auto expected = translated(referenceLinks, partner);
    const auto present = translated(ourLinks, back);  // in the reference's terms
    result.referenceLinks = expected.size();
    result.ourLinks = present.size();
    for (const auto& [from, to] : translated(present, partner)) {
        if (expected.contains({from, to}))
            ++result.agreedLinks;
        else
            result.onlyOurs.push_back({to.first, from.second, to.second});
    }
    for (const auto& [from, to] : expected)
        if (!ourLinks.contains({from, to})) result.onlyReference.push_back({to.first, from.second, to.second});
    const auto theirs = divisionsIn(expected), mine = divisionsIn(ourLinks);
    result.referenceDivisions = divisionsIn(referenceLinks).size();
    result.ourDivisions = mine.size();
    for (const auto& [mother, daughters] : mine) {
        const auto same = theirs.find(mother);
        if (same != theirs.end() && same->second == daughters) ++result.agreedDivisions;
    }
    return result;
}

std::string TrackAgreement::text() const {
    return fmt::format(
        "detections: {} of {} reference detections matched ({:.1f} %), {} of {} of ours ({:.1f} %), mean IoU {:.3f}; "
        "links: {} of {} "
        "reference links agree ({:.1f} %), {} of {} of ours ({:.1f} %); divisions: {} in the reference, {} ours, {} "
        "the same",
        matched, referenceDetections, 100 * detectionRecall(), matched, ourDetections, 100 * detectionPrecision(),
        meanIou, agreedLinks, referenceLinks, 100 * linkRecall(), agreedLinks, ourLinks, 100 * linkPrecision(),
        referenceDivisions, ourDivisions, agreedDivisions);
}

}  // namespace driftscope::cells
