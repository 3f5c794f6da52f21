#include "core/cells/state_marks.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace driftscope::cells {
namespace {

constexpr const char* kDeath = "cell_death_state";
constexpr const char* kOrganelle = "organelle_state";
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

using Marks = std::map<std::int64_t, std::map<std::int64_t, std::string>>;  // track -> frame -> class

Marks marksOf(const LabelSchema& schema, const std::vector<StateMark>& marks) {
    Marks result;
    for (const StateMark& mark : marks)
        if (mark.schema == schema.name) result[mark.trackId][mark.t] = mark.label;
    return result;
}

std::int64_t firstMark(const std::map<std::int64_t, std::string>& frames, const std::string& event) {
    const auto found = std::ranges::find(frames, event, [](const auto& entry) { return entry.second; });
    return found == frames.end() ? kNever : found->first;
}

/// A two-class schema: what the annotator writes.
std::string eventState(const LabelSchema& schema, const std::map<std::int64_t, std::string>& frames, std::int64_t t) {
    const std::string& fallback = schema.classes.front().name;
    const std::string& event = schema.classes.back().name;
    const auto marked = frames.find(t);
    if (schema.expansion != "onset") return marked != frames.end() ? marked->second : fallback;
    const std::int64_t first = firstMark(frames, event);
    if (t >= first) return event;
    if (marked != frames.end()) return marked->second;
    return first != kNever || schema.name == kOrganelle ? fallback : std::string();
}

/// Any other schema: marks hold at their frame, or until the next one.
std::string classState(const LabelSchema& schema, const std::map<std::int64_t, std::string>& frames, std::int64_t t) {
    auto mark = frames.upper_bound(t);
    if (mark == frames.begin()) return {};
    --mark;
    return schema.expansion == "onset" || mark->first == t ? mark->second : std::string();
}

}  // namespace

StateColumns markColumns(const TrackTable& tracks, const std::vector<LabelSchema>& schemas,
                         const std::vector<StateMark>& marks, std::size_t* lost) {
    StateColumns columns;
    for (const LabelSchema& schema : schemas) columns[schema.name].resize(tracks.detections.size());
    std::map<std::pair<std::int64_t, std::int64_t>, std::size_t> row;
    for (std::size_t i = 0; i < tracks.detections.size(); ++i)
        row[{tracks.detections[i].trackId, tracks.detections[i].t}] = i;
    for (const StateMark& mark : marks) {
        const auto column = columns.find(mark.schema);
        const auto found = row.find({mark.trackId, mark.t});
        if (column != columns.end() && found != row.end())
            column->second[found->second] = mark.label;
        else if (lost)
            ++*lost;
    }
    return columns;
}

StateColumns expandMarks(const TrackTable& tracks, const std::vector<LabelSchema>& schemas,
                         const std::vector<StateMark>& marks) {
    StateColumns columns;
    std::map<std::int64_t, std::int64_t> death;
    for (const LabelSchema& schema : schemas) {
        if (schema.name != kDeath || schema.classes.empty()) continue;
        for (const auto& [track, frames] : marksOf(schema, marks))
            death[track] = firstMark(frames, schema.classes.back().name);
    }
    for (const LabelSchema& schema : schemas) {
        const Marks byTrack = marksOf(schema, marks);
        auto& column = columns[schema.name];
        for (const Detection& d : tracks.detections) {
            const auto dead = death.find(d.trackId);
            if (schema.name != kDeath && dead != death.end() && d.t >= dead->second) {
                column.emplace_back();
                continue;
            }
            const auto found = byTrack.find(d.trackId);
            const std::map<std::int64_t, std::string> none;
            const auto& frames = found == byTrack.end() ? none : found->second;
            column.push_back(schema.classes.size() == 2 ? eventState(schema, frames, d.t)
                                                        : classState(schema, frames, d.t));
        }
    }
    return columns;
}

}  // namespace driftscope::cells
