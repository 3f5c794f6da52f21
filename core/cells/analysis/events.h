#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/cells/analysis/tracked_cells.h"

namespace driftscope::cells {

/// When something happened to each track.
struct Events {
    std::vector<std::string> states;                  ///< label of every row of the table; empty where there is none
    std::vector<std::optional<std::int64_t>> frames;  ///< of every track; nothing without the event
    std::vector<std::optional<std::uint32_t>> rows;   ///< the row of the event, in the one track of a lineage that has it first
    std::size_t lineages = 0;                         ///< with the event
};

/// The first frame of every lineage that is labelled with the class `event`; it counts for all tracks of that lineage, as in
/// VisCy. Labels come from parameters labels, column and dataset (embed/row_labels.h). Errors: no row with that class (the
/// present ones are listed).
Result<Events> readEvents(JobContext& job, const TrackedCells& cells);
/// labels, column, dataset, event, interval. `eventOptional`: the job has another time to go by.
std::vector<ParamSpec> eventParams(bool eventOptional);

}  // namespace driftscope::cells
