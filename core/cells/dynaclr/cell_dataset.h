#pragma once

#include <filesystem>
#include <memory>

#include "core/cells/lineage.h"
#include "core/cells/track_table.h"
#include "core/io/time_lapse.h"

namespace driftscope::cells {

/// One field of view: pixels and the cells tracked in them.
struct CellField {
    std::string name;  ///< fov_name of tables: the position of the tracks, "A/1/0"
    std::shared_ptr<const io::TimeLapse> images;
    TrackTable tracks;
    Lineages lineages;
};

/// One cell in one frame.
struct CellRow {
    std::uint32_t field = 0;     ///< index of its CellField
    std::uint32_t detection = 0; ///< index in the field's tracks
    std::int64_t t = 0;
    std::int64_t track = 0;      ///< unique over fields
    std::int64_t family = 0;     ///< first track of its lineage, unique over fields
};

/// Images and tracks brought together.
struct CellDataset {
    std::vector<CellField> fields;
    std::vector<CellRow> rows;           ///< field by field, each in the order of its tracks file
    std::vector<std::string> warnings;   ///< fields and cells left out, and why

    const Detection& detection(const CellRow& row) const { return fields[row.field].tracks.detections[row.detection]; }
};

/// Pairs the positions at `images` (anything io::openTimeLapse reads) with those of the tracks plate, by name; a single
/// movie is paired with a single tracked position whatever their names. `tracks` may also be one CSV file for a single
/// movie. `fovs` keeps only these positions; empty keeps all.
/// Errors: nothing to pair (both name lists shown), unknown fov, cells in frames the images do not have.
Result<CellDataset> openCells(const std::filesystem::path& images, const std::filesystem::path& tracks, const std::vector<std::string>& fovs);

/// Builds `lineages` of every field and fills track and family of `rows`. Errors: a track that is its own ancestor.
Result<void> numberFamilies(CellDataset& dataset);

}  // namespace driftscope::cells
