#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "plugins/cells/cells_data.h"

namespace driftscope {
class EditStack;
class LabelStore;
}

namespace driftscope::cells {

struct Predictions;
class LabelModel;

/// The table as others open it: obs with one column per schema that has labels, predicted_{task}, predicted_{task}_proba
/// (obsm) and the classes in uns, as dynaclr's append-predictions writes them. Errors name the file.
Result<void> exportTable(const std::filesystem::path& file, const CellsData& data, const LabelStore& store, const std::string& dataset,
                         const LabelModel& labels, const Predictions* predictions);

/// One annotation table per field of view with labels, in napari-iohub's columns, into `folder`; files of the same name
/// are continued: their other columns survive and the version counts up. Returns the names of the files.
Result<std::vector<std::string>> exportAnnotations(const std::filesystem::path& folder, const CellsData& data, const LabelStore& store,
                                                   const std::string& dataset);

/// What an annotation table brought.
struct AnnotationImport {
    std::size_t labels = 0;
    std::vector<std::string> warnings;
};
/// Stores the labels of an annotation table as imported ones, one undoable batch per schema.
Result<AnnotationImport> importAnnotations(const std::filesystem::path& csv, const CellsData& data, EditStack& edits, const std::string& dataset);

}  // namespace driftscope::cells
