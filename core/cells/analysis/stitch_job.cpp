#include <algorithm>
#include <map>

#include "core/cells/analysis/job_kinds.h"
#include "core/cells/analysis/stitch.h"
#include "core/cells/analysis/tracked_cells.h"
#include "core/io/csv.h"
#include "core/io/h5ad.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;

/// Mother of every track by parent_track_id, itself where it has none.
Result<std::vector<std::uint32_t>> mothers(const TrackedCells& cells) {
    std::vector<std::uint32_t> parent(cells.tracks.size());
    std::map<std::string, std::uint32_t> byName;
    for (std::uint32_t i = 0; i < parent.size(); ++i) {
        parent[i] = i;
        byName[cells.tracks[i].entity] = i;
    }
    if (!cells.table.column("parent_track_id")) return parent;
    DS_ASSIGN(const std::vector<double> ids, cells.table.numbers("parent_track_id"));
    for (std::uint32_t i = 0; i < parent.size(); ++i) {
        const std::string& name = cells.tracks[i].entity;
        const auto found = byName.find(name.substr(0, name.rfind('#') + 1) + fmt::format("{:.0f}", ids[cells.tracks[i].rows.front()]));
        if (found != byName.end()) parent[i] = found->second;
    }
    DS_TRY(rootTracks(cells));  // refuses cycles
    return parent;
}

Result<json> run(JobContext& job) {
    const Params& params = job.params();
    DS_ASSIGN(TrackedCells cells, readTrackedCells(job));
    DS_ASSIGN(const Matrix positions, positionsOf(cells.table, params.real("pixel_size"), params.real("pixel_size")));
    DS_ASSIGN(std::vector<std::uint32_t> parent, mothers(cells));
    const std::size_t count = cells.tracks.size();
    std::vector<std::uint8_t> hasDaughters(count), hasMother(count);
    std::vector<std::int32_t> field(count);
    std::map<std::string, std::int32_t> fields;
    for (std::uint32_t i = 0; i < count; ++i) {
        if (parent[i] != i) hasMother[i] = hasDaughters[parent[i]] = 1;
        const std::string& name = cells.tracks[i].entity;
        field[i] = fields.try_emplace(name.substr(0, name.rfind('#')), static_cast<std::int32_t>(fields.size())).first->second;
    }
    const StitchOptions options{params.integer("max_gap"), params.real("max_distance"), params.real("max_feature_distance"), params.real("feature_weight")};
    const std::vector<StitchLink> links = stitchTracks(cells.tracks, positions, cells.features, field, hasDaughters, hasMother, options);
    io::CsvTable csv{{"before", "after", "last_frame", "first_frame", "missing_frames", "distance", "feature_distance"}, {}};
    for (const StitchLink& link : links) {
        parent[link.after] = link.before;
        csv.rows.push_back({cells.tracks[link.before].entity, cells.tracks[link.after].entity, fmt::to_string(cells.tracks[link.before].steps.back()), fmt::to_string(cells.tracks[link.after].steps.front()),
                            fmt::to_string(link.gap), csvNumber(link.distance), csvNumber(link.featureDistance)});
    }
    // A stitched track keeps the name of its first piece; divisions begin new ones.
    std::vector<std::uint32_t> piece(count);
    std::map<std::uint32_t, std::uint32_t> continued;
    for (const StitchLink& link : links) continued[link.after] = link.before;
    for (std::uint32_t i = 0; i < count; ++i) {
        piece[i] = i;
        for (auto at = continued.find(i); at != continued.end(); at = continued.find(piece[i])) piece[i] = at->second;
    }
    io::CsvTable lineages{{"lineage", "root", "tracks", "first_frame", "last_frame", "frames"}, {}};
    std::size_t kept = 0, longest = 0;
    for (const std::vector<std::uint32_t>& path : lineagePaths(parent)) {
        std::size_t frames = 0;
        std::vector<std::string> names;
        for (const std::uint32_t track : path) {
            frames += cells.tracks[track].rows.size();
            names.push_back(cells.tracks[track].entity);
        }
        longest = std::max(longest, frames);
        if (frames < static_cast<std::size_t>(params.integer("min_frames"))) continue;
        lineages.rows.push_back({fmt::to_string(kept++), names.front(), fmt::format("{}", fmt::join(names, " ")), fmt::to_string(cells.tracks[path.front()].steps.front()), fmt::to_string(cells.tracks[path.back()].steps.back()), fmt::to_string(frames)});
    }
    std::vector<std::string> stitched(cells.table.rows());
    for (std::uint32_t i = 0; i < count; ++i)
        for (const std::uint32_t row : cells.tracks[i].rows) stitched[row] = cells.tracks[piece[i]].entity;
    DS_TRY(cells.table.setColumn("stitched_track", Categorical::fromTexts(stitched)));
    cells.table.uns["driftscope_stitch"] = job.job();
    DS_TRY(io::writeCsv(job.out("links.csv"), csv));
    DS_TRY(io::writeCsv(job.out("lineages.csv"), lineages));
    DS_TRY(io::writeH5ad(job.out("stitched.h5ad"), cells.table));
    return json{{"csv", "links.csv"}, {"lineages_csv", "lineages.csv"}, {"table", "stitched.h5ad"}, {"tracks", count}, {"links", links.size()}, {"stitched_tracks", count - links.size()}, {"lineages", kept}, {"longest", longest}};
}

}  // namespace

JobKind stitchKind() {
    std::vector<ParamSpec> specs = trackedCellsParams();
    const std::vector<ParamSpec> more{
        {.name = "max_gap", .type = ParamType::Int, .fallback = 3, .help = "Frames that may be missing between two pieces of a track.", .unit = "frames", .minimum = 0, .maximum = 100000},
        {.name = "max_distance", .type = ParamType::Real, .fallback = 50.0, .help = "Largest jump between the pieces, in units of pixel_size.", .minimum = 1e-9, .maximum = 1e9},
        {.name = "max_feature_distance", .type = ParamType::Real, .fallback = 0.5, .help = "Largest cosine distance of the features at both ends; 2 lets everything pass.", .minimum = 0, .maximum = 2},
        {.name = "feature_weight", .type = ParamType::Real, .fallback = 1.0, .help = "How much features count beside distance.", .minimum = 0, .maximum = 1e6, .advanced = true},
        {.name = "min_frames", .type = ParamType::Int, .fallback = 20, .help = "Courses from mother to last daughter that are shorter are not listed.", .unit = "frames", .minimum = 1, .maximum = 1000000, .source = "VisCy"},
        {.name = "pixel_size", .type = ParamType::Real, .fallback = 1.0, .help = "Side of a pixel; 1 leaves distances in pixels.", .unit = "µm", .minimum = 1e-6, .maximum = 1e6, .advanced = true}};
    specs.insert(specs.end(), more.begin(), more.end());
    return {"cells.stitch", "Stitch broken tracks", "Joins pieces of tracks that end and begin near each other, in space and in the embedding (links.csv, stitched.h5ad), and lists every course from mother to daughter (lineages.csv).", std::move(specs), run};
}

}  // namespace driftscope::cells
