#pragma once

#include "core/job/job_context.h"

namespace driftscope::cells {

// What cells.convert does with each kind of input; each returns the job's result.

/// Tracks of any format to tracks-csv, tracks-plate, ctc, trackmate or geff.
Result<nlohmann::json> convertTracks(JobContext& job, const std::string& to);
/// Images to ome-zarr-0.4 or ome-zarr-0.5, plate position by plate position.
Result<nlohmann::json> convertImages(JobContext& job, const std::string& to);

}  // namespace driftscope::cells
