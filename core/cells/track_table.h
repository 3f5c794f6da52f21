#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/table/embedding_table.h"

namespace driftscope::cells {

/// One cell in one frame; coordinates in pixels of the image array.
struct Detection {
    std::int64_t trackId = 0;         ///< equals the mask's pixel value in that frame
    std::int64_t t = 0;               ///< frame
    double z = 0, y = 0, x = 0;       ///< centroid
    std::int64_t id = 0;              ///< unique over the field of view
    std::int64_t parentTrackId = -1;  ///< mother's track, -1 for none
    std::int64_t parentId = -1;       ///< the detection this one descends from, -1 for none

    bool operator==(const Detection&) const = default;
};

/// The tracks of one field of view, as ultrack writes them.
struct TrackTable {
    std::string fovName;                ///< "A/1/0", without a leading slash
    std::vector<Detection> detections;  ///< in file order
    bool hasZ = false;
    std::vector<std::string> warnings;  ///< rows that were skipped, and why
};

/// Reads an ultrack CSV (`track_id,t,(z),y,x,id,parent_track_id,parent_id`; parent columns optional).
/// Errors name file, row and column: missing column, not a number, two rows of one track in one frame, parent cycle.
Result<TrackTable> readTracks(const std::filesystem::path& csv, const std::string& fovName);
/// `further` columns, one value per detection, follow those of ultrack; names that ultrack uses are left out.
Result<void> writeTracks(const std::filesystem::path& csv, const TrackTable& tracks,
                         std::span<const std::pair<std::string, Column>> further = {});

/// The one CSV in the folder of position `fov` of a tracks plate. Errors: none, or more than one (both named).
Result<std::filesystem::path> findTracksCsv(const std::filesystem::path& plate, const std::string& fov);

/// obs of an embedding table in the reference's names: fov_name, track_id, t, id, parent_track_id, parent_id, (z), y,
/// x.
EmbeddingTable toObs(const std::vector<TrackTable>& fields);
Result<std::vector<TrackTable>> fromObs(const EmbeddingTable& table);

}  // namespace driftscope::cells
