#include "core/cells/analysis/events.h"

#include <map>
#include <set>

#include "core/embed/row_labels.h"

namespace driftscope::cells {

Result<Events> readEvents(JobContext& job, const TrackedCells& cells) {
    Events out;
    DS_ASSIGN(out.states, embed::readRowLabels(job, cells.table));
    DS_ASSIGN(const std::vector<std::uint32_t> roots, rootTracks(cells));
    const std::string event = job.params().text("event");
    struct First {
        std::int64_t frame;
        std::uint32_t track, row;
    };
    std::map<std::uint32_t, First> first;
    for (std::uint32_t index = 0; index < cells.tracks.size(); ++index) {
        const Trajectory& track = cells.tracks[index];
        for (std::size_t i = 0; i < track.rows.size(); ++i) {
            if (out.states[track.rows[i]] != event) continue;
            const auto [found, added] = first.try_emplace(roots[index], First{track.steps[i], index, track.rows[i]});
            if (!added && track.steps[i] < found->second.frame) found->second = {track.steps[i], index, track.rows[i]};
            break;
        }
    }
    if (first.empty()) {
        std::set<std::string> present(out.states.begin(), out.states.end());
        present.erase("");
        return fail(ErrorCode::BadInput, fmt::format("No cell is labelled '{}' in '{}'.", event, job.params().text("column")),
                    present.empty() ? "There are no labels at all: label some cells first." : fmt::format("The labels are {}.", fmt::join(present, ", ")));
    }
    out.lineages = first.size();
    out.frames.resize(cells.tracks.size());
    out.rows.resize(cells.tracks.size());
    for (std::uint32_t index = 0; index < cells.tracks.size(); ++index)
        if (const auto found = first.find(roots[index]); found != first.end()) {
            out.frames[index] = found->second.frame;
            if (found->second.track == index) out.rows[index] = found->second.row;
        }
    return out;
}

std::vector<ParamSpec> eventParams(bool eventOptional) {
    return {{.name = "labels", .type = ParamType::Path, .help = "labels.sqlite of a project, or an annotation CSV; unset takes the column of the table itself.", .optional = true},
            {.name = "column", .type = ParamType::Text, .help = "Label schema or column that has the event, for example infection_state.", .optional = eventOptional},
            {.name = "event", .type = ParamType::Text, .help = "The class whose first frame in a lineage is time 0, for example infected.", .optional = eventOptional},
            {.name = "dataset", .type = ParamType::Text, .fallback = "", .help = "Only labels of this data set of the project; empty takes all.", .advanced = true},
            {.name = "interval", .type = ParamType::Real, .fallback = 1.0, .help = "Minutes between two frames; 1 leaves all times in frames.", .unit = "min", .minimum = 1e-6, .maximum = 1e6}};
}

}  // namespace driftscope::cells
