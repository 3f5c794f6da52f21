#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"
#include "core/cells/track_edit_log.h"
#include "core/cells/track_table.h"
#include "core/io/time_lapse.h"
#include "core/table/embedding_table.h"
#include "core/table/trajectories.h"

namespace driftscope::cells {

/// Where the parts of a cell data set lie. Only `images` is required; without tracks there are no cells to show, without
/// a table no embedding.
struct CellsPaths {
    std::string images;  ///< OME-Zarr plate, TIFF stack or folder of frames
    std::string tracks;  ///< tracks plate with one CSV per position
    std::string table;   ///< .h5ad of cells.embed or embed.project

    bool operator==(const CellsPaths&) const = default;
};

/// One field of view.
struct FieldOfView {
    std::string name;                          ///< "A/1/0", as in fov_name
    std::shared_ptr<const io::TimeLapse> images;
    std::shared_ptr<const io::TimeLapse> masks;  ///< null without tracks; pixel value == track id
    std::uint32_t firstRow = 0;                ///< its detections are rows [firstRow, endRow)
    std::uint32_t endRow = 0;
};

/// Images, masks, tracks and embeddings of a data set, joined. A row is one detection (a cell in a frame); rows without
/// an embedding have NaN coordinates. Immutable once loaded: views share it.
class CellsData {
  public:
    /// Opens everything; slow on network disks, so call it from a worker thread. What does not fit is left out and told
    /// in warnings(). Errors: unreadable images, malformed tracks.
    static Result<std::shared_ptr<const CellsData>> load(const CellsPaths& paths);

    /// The same data with corrected tracks and masks. Labels and embeddings stay under the source's names: storedEntity().
    /// Errors: edits that do not fit these tracks.
    static Result<std::shared_ptr<const CellsData>> edited(const std::shared_ptr<const CellsData>& source, const std::vector<TrackEditLog::Entry>& entries);

    const CellsPaths& paths() const { return paths_; }
    const std::vector<FieldOfView>& fields() const { return fields_; }
    const std::vector<TrackTable>& trackTables() const { return trackTables_; }  ///< one per field
    /// obs of every detection, X and obsm joined from the table by (fov_name, t, track_id).
    const EmbeddingTable& table() const { return table_; }
    std::uint32_t rows() const { return static_cast<std::uint32_t>(detections_.size()); }
    const Detection& detection(std::uint32_t row) const { return detections_[row]; }
    std::uint32_t fieldOf(std::uint32_t row) const { return fieldOfRow_[row]; }
    bool hasEmbedding(std::uint32_t row) const { return embedded_[row] != 0; }
    std::uint32_t embeddedCount() const { return embeddedCount_; }

    /// One trajectory per track, over all fields.
    const std::vector<Trajectory>& tracks() const { return tracks_; }
    std::uint32_t trackOf(std::uint32_t row) const { return trackOfRow_[row]; }
    /// The row of track id `trackId` in frame `t` of a field.
    std::optional<std::uint32_t> rowAt(std::uint32_t field, std::int64_t t, std::int64_t trackId) const;
    /// The rows of one frame of a field, ascending.
    std::vector<std::uint32_t> rowsAt(std::uint32_t field, std::int64_t t) const;
    /// Entity of labels: "A/1/0#17".
    const std::string& entity(std::uint32_t row) const { return tracks_[trackOfRow_[row]].entity; }
    std::optional<std::uint32_t> findEntity(const std::string& entity) const;  ///< index into tracks()

    /// The entity under which labels of this cell are kept: that of the file, however its track is called after corrections.
    const std::string& storedEntity(std::uint32_t row) const { return storedEntity_.empty() ? entity(row) : storedEntity_[row]; }
    std::optional<std::uint32_t> rowOfStored(const std::string& entity, std::int64_t t) const;

    const std::vector<std::string>& warnings() const { return warnings_; }

  private:
    Result<void> openFields();
    Result<void> readAllTracks();
    Result<void> joinTable();
    Result<void> index();

    CellsPaths paths_;
    std::vector<FieldOfView> fields_;
    std::vector<TrackTable> trackTables_;
    std::vector<Detection> detections_;
    std::vector<std::uint32_t> fieldOfRow_;
    std::vector<std::uint8_t> embedded_;
    std::uint32_t embeddedCount_ = 0;
    EmbeddingTable table_;
    std::vector<Trajectory> tracks_;
    std::vector<std::uint32_t> trackOfRow_;
    std::unordered_map<std::uint64_t, std::uint32_t> rowOfCell_;
    std::unordered_map<std::string, std::uint32_t> trackOfEntity_;
    std::vector<std::string> storedEntity_;  ///< empty without corrections
    std::unordered_map<std::string, std::uint32_t> rowOfStored_;  ///< "entity@t" -> row; empty without corrections
    std::vector<std::string> warnings_;
};

}  // namespace driftscope::cells
