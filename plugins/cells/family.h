#pragma once

#include <vector>

#include "plugins/cells/cells_data.h"
#include "plugins/cells/lineage_tree.h"

namespace driftscope::cells {

class LabelModel;
struct Predictions;

/// The branches of the family that a track belongs to, from its earliest ancestor on, in the colours of their states (labels, else
/// pale predictions).
std::vector<LineageTree::Branch> familyOf(const CellsData& data, std::uint32_t track, const LabelModel& labels, const Predictions* predictions);

}  // namespace driftscope::cells
