#pragma once

#include <map>
#include <memory>
#include <vector>

#include "core/cells/track_edits.h"
#include "core/io/time_lapse.h"

namespace driftscope::cells {

/// Masks as the edits leave them: renamed and removed while they are read, painted cells drawn over. The source stays as it
/// is. Painted cells lie in every slice of a stack.
std::shared_ptr<const io::TimeLapse> editedMasks(std::shared_ptr<const io::TimeLapse> source, const TrackTable& sourceTracks, const EditedTracks& edited);

}  // namespace driftscope::cells
