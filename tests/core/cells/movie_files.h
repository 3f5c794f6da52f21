#pragma once

#include <filesystem>
#include <stop_token>
#include <vector>

#include "core/cells/cells_jobs.h"
#include "core/cells/movie.h"
#include "core/cells/track_table.h"
#include "core/job/run_job.h"

namespace driftscope::cells {

inline const std::filesystem::path kTestCells = std::filesystem::path(DRIFTSCOPE_TEST_DATA) / "cells";
inline const std::filesystem::path kDemoFrames =
    std::filesystem::path(DRIFTSCOPE_SOURCE_DIR) / "resources/demo/cells/raw";

/// Runs a job kind of this library to its end.
inline Result<nlohmann::json> runCellJob(const std::string& kind, const nlohmann::json& params,
                                         const std::filesystem::path& out, std::stop_token stop = {},
                                         JobContext::Listener listener = {}) {
    JobRegistry registry;
    registerCellJobs(registry);
    return runJob(registry, {.kind = kind, .params = params, .out = out}, stop, std::move(listener));
}

/// Masks and tracks of one position of a tracks plate.
struct TrackedMovie {
    std::vector<io::LabelImage> masks;
    TrackTable tracks;
};

inline Result<TrackedMovie> readTracked(const std::filesystem::path& plate, const std::string& position) {
    TrackedMovie movie;
    DS_ASSIGN(const auto csv, findTracksCsv(plate, position));
    DS_ASSIGN(movie.tracks, readTracks(csv, position));
    DS_ASSIGN(const auto lapse, io::openTimeLapse(plate, position));
    for (std::int64_t t = 0; t < lapse->info().frames(); ++t) {
        DS_ASSIGN(auto mask, lapse->labels(t, 0, 0));
        movie.masks.push_back(std::move(mask));
    }
    return movie;
}

}  // namespace driftscope::cells
