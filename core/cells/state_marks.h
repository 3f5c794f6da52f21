#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/cells/track_table.h"
#include "core/label/label_schema.h"

namespace driftscope::cells {

/// A class given to one cell in one frame, by a person or a file.
struct StateMark {
    std::string schema;  ///< LabelSchema::name
    std::int64_t trackId = 0;
    std::int64_t t = 0;
    std::string label;  ///< LabelClass::name

    bool operator==(const StateMark&) const = default;
};

/// Per schema one class name per detection of a field of view; empty means unlabelled.
using StateColumns = std::map<std::string, std::vector<std::string>>;

/// The marks as they are. Marks of schemas or detections that are not there are counted in `lost`.
StateColumns markColumns(const TrackTable& tracks, const std::vector<LabelSchema>& schemas,
                         const std::vector<StateMark>& marks, std::size_t* lost = nullptr);

/// The marks expanded to whole tracks by the rules of napari-iohub's cell state annotator (save routine, March 2026),
/// where the event is a schema's last class and the default its first:
/// - "frame" schemas: the event at marked frames, the default elsewhere;
/// - "onset" schemas: the event from its first mark to the end of the track, the default before it, empty on tracks
///   without that mark - except organelle_state, which has its default there;
/// - dead cells: from the first "dead" of cell_death_state on, all other schemas are empty.
/// A mark of another class than the event replaces only empty or default entries. Schemas with more or fewer than two
/// classes have no default: their marks hold at their frame ("frame") or until the next mark ("onset").
StateColumns expandMarks(const TrackTable& tracks, const std::vector<LabelSchema>& schemas,
                         const std::vector<StateMark>& marks);

}  // namespace driftscope::cells
