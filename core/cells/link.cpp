#include "core/cells/link.h"

#include <fmt/format.h>

#include "core/cells/link_graph.h"

namespace driftscope::cells {
namespace {

/// Track number of every node, 1, 2, … by first appearance; 0 for tracks that are too short and without family.
std::vector<std::uint32_t> numberTracks(const LinkGraph& graph, int minFrames) {
    std::vector<bool> isMother(graph.size(), false);
    for (std::uint32_t node = 0; node < graph.size(); ++node)
        if (graph.mother(node) != LinkGraph::kNone) isMother[graph.mother(node)] = true;
    std::vector<std::uint32_t> track(graph.size(), 0);
    std::uint32_t number = 0;
    for (std::uint32_t node = 0; node < graph.size(); ++node) {
        if (graph.previous(node) != LinkGraph::kNone) continue;
        int length = 0;
        std::uint32_t last = node;
        for (std::uint32_t n = node; n != LinkGraph::kNone; n = graph.next(n)) ++length, last = n;
        if (length < minFrames && graph.mother(node) == LinkGraph::kNone && !isMother[last]) continue;
        ++number;
        for (std::uint32_t n = node; n != LinkGraph::kNone; n = graph.next(n)) track[n] = number;
    }
    return track;
}

/// Rows by track, then frame; ids count in order of frame.
void fillTable(const LinkGraph& graph, const std::vector<std::uint32_t>& track, LinkResult& result) {
    std::vector<std::int64_t> id(graph.size(), -1);
    std::int64_t next = 0;
    for (std::uint32_t node = 0; node < graph.size(); ++node)
        if (track[node] != 0) id[node] = ++next;
    for (std::uint32_t start = 0; start < graph.size(); ++start) {
        if (track[start] == 0 || graph.previous(start) != LinkGraph::kNone) continue;
        const std::uint32_t mother = graph.mother(start);
        const std::int64_t motherTrack = mother == LinkGraph::kNone ? -1 : std::int64_t{track[mother]};
        std::int64_t parentId = mother == LinkGraph::kNone ? -1 : id[mother];
        for (std::uint32_t n = start; n != LinkGraph::kNone; n = graph.next(n)) {
            const Region& region = graph.region(n);
            result.tracks.detections.push_back(
                {track[n], graph.frame(n), 0, region.y, region.x, id[n], motherTrack, parentId});
            parentId = id[n];
        }
    }
}

}  // namespace

Result<void> Linker::add(const io::LabelImage& labels, const io::FloatImage* image) {
    auto regions = measureRegions(labels, image);
    if (!regions) return tl::unexpected(std::move(regions).error().during(fmt::format("at frame {}", frames_.size())));
    if (!frames_.empty() && (last_.width != labels.width || last_.height != labels.height))
        return fail(ErrorCode::BadInput,
                    fmt::format("The labels of frame {} are {} x {} px, those before {} x {} px", frames_.size(),
                                labels.width, labels.height, last_.width, last_.height));
    overlaps_.push_back(frames_.empty() ? std::vector<Overlap>() : overlaps(last_, labels));
    frames_.push_back(std::move(*regions));
    last_ = labels;
    return {};
}

LinkResult Linker::link() const {
    LinkGraph graph(frames_, settings_);
    graph.linkFrames(overlaps_);
    graph.explainStarts();
    const auto track = numberTracks(graph, settings_.minTrackFrames);
    LinkResult result;
    result.maxDistance = graph.maxDistance();
    result.divisions = graph.divisions();
    result.closedGaps = graph.closedGaps();
    result.trackOf.resize(frames_.size());
    for (std::uint32_t node = 0; node < graph.size(); ++node) {
        if (track[node] != 0)
            result.trackOf[graph.frame(node)][graph.region(node).label] = track[node];
        else
            ++result.removed;
    }
    fillTable(graph, track, result);
    return result;
}

io::LabelImage relabelled(const io::LabelImage& labels, const std::map<std::uint32_t, std::uint32_t>& trackOf) {
    io::LabelImage result(labels.width, labels.height);
    for (std::size_t i = 0; i < labels.pixels.size(); ++i) {
        if (labels.pixels[i] == 0) continue;
        const auto track = trackOf.find(labels.pixels[i]);
        if (track != trackOf.end()) result.pixels[i] = track->second;
    }
    return result;
}

std::vector<ParamSpec> linkParams() {
    const LinkSettings d;
    const auto real = [](const char* name, double fallback, double low, double high, const char* help,
                         const char* unit = "") {
        return ParamSpec{.name = name,
                         .type = ParamType::Real,
                         .fallback = fallback,
                         .help = help,
                         .unit = unit,
                         .minimum = low,
                         .maximum = high};
    };
    const auto count = [](const char* name, int fallback, int low, const char* help, const char* unit) {
        return ParamSpec{
            .name = name, .type = ParamType::Int, .fallback = fallback, .help = help, .unit = unit, .minimum = low};
    };
    std::vector<ParamSpec> specs = {
        real("max_distance", d.maxDistance, 0, 10000,
             "How far an object may move from one frame to the next; 0 takes 1.5 times the median diameter.", "px"),
        count("gap_frames", d.gapFrames, 0, "For how many frames an object may be missing and still be the same track.",
              "frames"),
        {.name = "divisions",
         .type = ParamType::Bool,
         .fallback = d.divisions,
         .help = "Look for mothers that divide into two daughters."},
        real("division_balance", d.divisionBalance, 0, 1,
             "The dimmer daughter has at least this part of the brighter one's total intensity."),
        real("division_tolerance", d.divisionTolerance, 0.01, 10,
             "By which part the daughters' total intensity may differ from the mother's."),
        count("min_daughter_frames", d.minDaughterFrames, 1, "A daughter that vanishes earlier was no daughter.",
              "frames"),
        count("min_track_frames", d.minTrackFrames, 1,
              "Shorter tracks without family are removed from table and masks.", "frames"),
        real("area_weight", d.areaWeight, 0, 10,
             "What a change of area by a factor of 2.7 costs, beside 1 for moving the full distance."),
        real("intensity_weight", d.intensityWeight, 0, 10, "What a change of mean intensity by a factor of 2.7 costs."),
        real("overlap_weight", d.overlapWeight, 0, 10, "What it costs when the masks of two frames do not overlap."),
    };
    for (std::size_t i = specs.size() - 3; i < specs.size(); ++i) specs[i].advanced = true;
    return specs;
}

LinkSettings linkSettings(const Params& params) {
    LinkSettings s;
    s.maxDistance = params.real("max_distance");
    s.areaWeight = params.real("area_weight");
    s.intensityWeight = params.real("intensity_weight");
    s.overlapWeight = params.real("overlap_weight");
    s.gapFrames = static_cast<int>(params.integer("gap_frames"));
    s.divisions = params.flag("divisions");
    s.divisionBalance = params.real("division_balance");
    s.divisionTolerance = params.real("division_tolerance");
    s.minDaughterFrames = static_cast<int>(params.integer("min_daughter_frames"));
    s.minTrackFrames = static_cast<int>(params.integer("min_track_frames"));
    return s;
}

}  // namespace driftscope::cells
