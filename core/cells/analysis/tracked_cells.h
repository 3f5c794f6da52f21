#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/embed/monitor.h"
#include "core/job/job_context.h"
#include "core/table/embedding_table.h"
#include "core/table/trajectories.h"

namespace driftscope::cells {

/// An embedding table of cells by track, as every analysis reads it.
struct TrackedCells {
    EmbeddingTable table;
    Matrix features;                       ///< one row per row of the table
    std::vector<std::uint32_t> rows;       ///< those with finite features
    std::vector<Trajectory> tracks;        ///< of these rows; entity "A/1/0#17", steps are frames
    std::vector<std::uint32_t> trackOfRow; ///< index into tracks; kNoTrack where there are no features

    static constexpr std::uint32_t kNoTrack = 0xFFFFFFFF;
};

/// Reads parameters `table` and `features`. A table of several experiments (column `experiment`) keeps their tracks apart.
/// Warns about rows without features. Errors: no such matrix, columns fov_name, track_id or t missing.
Result<TrackedCells> readTrackedCells(JobContext& job);
std::vector<ParamSpec> trackedCellsParams();

/// Root ancestor of every track by parent_track_id; the track itself without that column or with an unknown parent.
/// Errors: a track that is its own ancestor.
Result<std::vector<std::uint32_t>> rootTracks(const TrackedCells& cells);

/// A group of every row by the column that parameter `group` names; one group "all" when it is unset. Rows without a value
/// have none (-1). Errors: no such column.
Result<Categorical> groupsOfRows(JobContext& job, const TrackedCells& cells);
ParamSpec groupParam(std::string help);

/// y, x (and z) in units of `pixelSize`; rows x 2 or 3. Errors: columns missing.
Result<Matrix> positionsOf(const EmbeddingTable& table, double pixelSize, double pixelSizeZ);

/// fov_name, track_id, t and id of a row, for the left columns of a CSV, and their names.
std::vector<std::string> keyNames(const EmbeddingTable& table);
std::vector<std::string> keysOf(const EmbeddingTable& table, std::size_t row);

/// A number for a CSV: nine digits, empty for NaN.
std::string csvNumber(double value);
/// A number for JSON: null for NaN and infinities.
nlohmann::json jsonNumber(double value);

embed::Monitor monitorOf(JobContext& job);
/// An error of a computation, or the job's own way to say that it was cancelled.
tl::unexpected<Error> stopOrFail(const Error& error);

}  // namespace driftscope::cells
