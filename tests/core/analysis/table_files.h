#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "core/cells/analysis/analysis_jobs.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"
#include "core/job/run_job.h"
#include "tests/core/io/scratch.h"

namespace driftscope::cells::test {

/// A table of tracks x frames rows; features(track, frame) gives the vector.
inline EmbeddingTable tableOf(std::size_t tracks, std::size_t frames, std::size_t columns, const std::function<void(std::size_t, std::size_t, std::span<float>)>& features) {
    EmbeddingTable table(tracks * frames);
    table.x = Matrix(tracks * frames, columns);
    std::vector<std::string> fov(tracks * frames, "A/1/0");
    std::vector<std::int64_t> track, t, id, parent(tracks * frames, -1);
    std::vector<double> y, x;
    for (std::size_t i = 0; i < tracks; ++i)
        for (std::size_t k = 0; k < frames; ++k) {
            features(i, k, table.x.row(i * frames + k));
            track.push_back(static_cast<std::int64_t>(i) + 1);
            t.push_back(static_cast<std::int64_t>(k));
            id.push_back(static_cast<std::int64_t>(i * frames + k));
            y.push_back(100 * static_cast<double>(i) + 2 * static_cast<double>(k));
            x.push_back(50 + static_cast<double>(k));
        }
    (void)table.setColumn("fov_name", Categorical::fromTexts(fov));
    (void)table.setColumn("track_id", track);
    (void)table.setColumn("t", t);
    (void)table.setColumn("id", id);
    (void)table.setColumn("parent_track_id", parent);
    (void)table.setColumn("y", y);
    (void)table.setColumn("x", x);
    return table;
}

/// Runs a kind and returns its result.
inline Result<nlohmann::json> runKind(const std::string& kind, const nlohmann::json& parameters, const std::filesystem::path& out) {
    JobRegistry registry;
    registerAnalysisJobs(registry);
    return runJob(registry, {.kind = kind, .params = parameters, .out = out}, {});
}

}  // namespace driftscope::cells::test
