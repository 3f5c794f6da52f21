#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/cells/state_marks.h"
#include "core/cells/track_table.h"
#include "core/io/csv.h"
#include "core/label/label_schema.h"

namespace driftscope::cells {

/// Who saved an annotation file, and when.
struct AnnotationStamp {
    std::string annotator;
    std::string date;  ///< ISO 8601 with microseconds
    std::string version = "1.0";
};

/// The annotation table of one field of view in napari-iohub's columns: fov_name, track_id, t, id, parent_track_id,
/// parent_id, (z), y, x, one column per schema, annotator, annotation_date, annotation_version. One row per detection.
/// With `previous` (the file that is being continued) its foreign columns follow with their values, joined by track and
/// frame, and the version's whole part is one higher than its.
io::CsvTable annotationTable(const TrackTable& tracks, const std::vector<LabelSchema>& schemas,
                             const StateColumns& states, const AnnotationStamp& stamp,
                             const io::CsvTable* previous = nullptr);

/// `<plate>_<row>_<well>_<fov>.csv`, as napari-iohub names its files.
std::string annotationFileName(const std::filesystem::path& plate, const std::string& fovName);

/// LabelTarget::entity of a track, "A/1/0#17".
std::string entityOf(const std::string& fovName, std::int64_t trackId);
/// The inverse. Nothing when the text is no such entity.
std::optional<std::pair<std::string, std::int64_t>> trackOfEntity(const std::string& entity);

/// What an annotation file says about known detections.
struct ImportedAnnotations {
    std::map<std::string, std::vector<StateMark>> marks;  ///< by fov_name
    std::size_t rows = 0;
    std::size_t matched = 0;            ///< rows that belong to a detection
    std::size_t conflicting = 0;        ///< rows that contradict an earlier row about the same detection; not used
    std::vector<std::string> schemas;   ///< those with a column in the file
    std::string annotator;              ///< the first name in the annotator column; may be empty
    std::vector<std::string> warnings;  ///< unknown labels with counts, unmatched rows, columns without schema
};

/// Joins rows to detections as VisCy does: by (fov_name without leading '/', id) when there is an id column, else by
/// (fov_name, t, track_id); where several detections share a key, the one within 4 px of the row (Chebyshev) counts. A
/// file without fov_name is taken for the only field of view. Labels are matched by class name or alias; values that
/// mean "unlabelled" are skipped. `columns` names the file's column of a schema where it differs from the schema's
/// name. Errors: unreadable or malformed file, no joining columns, no schema column, two or more candidate fields of
/// view.
Result<ImportedAnnotations> readAnnotations(const std::filesystem::path& csv, const std::vector<TrackTable>& fields,
                                            const std::vector<LabelSchema>& schemas,
                                            const std::map<std::string, std::string>& columns = {});

}  // namespace driftscope::cells
