#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.h"
#include "plugins/cells/cells_data.h"

namespace driftscope {
class LabelStore;
}

namespace driftscope::cells {

struct Predictions;
class LabelModel;

/// The table as others open it: obs with one column per schema that has labels, predicted_{task}, predicted_{task}_proba
/// (obsm) and the classes in uns, as dynaclr's append-predictions writes them. Errors name the file.
Result<void> exportTable(const std::filesystem::path& file, const CellsData& data, const LabelStore& store, const std::string& dataset,
                         const LabelModel& labels, const Predictions* predictions);

}  // namespace driftscope::cells
