#include "core/cells/label_jobs_common.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/io/time_lapse.h"

namespace driftscope::cells {

Result<std::vector<TrackTable>> readPlateTracks(JobContext& job) {
    const std::filesystem::path plate = job.params().text("tracks");
    DS_ASSIGN(const auto listing, io::listTimeLapses(plate));
    for (const std::string& warning : listing.warnings) job.warn(warning);
    std::vector<std::string> names = job.params().texts("positions");
    if (names.empty()) names = listing.names;
    std::vector<TrackTable> fields;
    for (const std::string& name : names) {
        if (std::ranges::find(listing.names, name) == listing.names.end())
            return fail(ErrorCode::NotFound, fmt::format("{} has no position '{}' (it has: {})", plate.string(), name,
                                                         fmt::join(listing.names, ", ")));
        DS_ASSIGN(const auto csv, findTracksCsv(plate, name));
        DS_ASSIGN(TrackTable tracks, readTracks(csv, name));
        for (const std::string& warning : tracks.warnings) job.warn(warning);
        fields.push_back(std::move(tracks));
    }
    return fields;
}

}  // namespace driftscope::cells
