#include <algorithm>
#include <map>

#include "core/cells/csv_fields.h"
#include "core/cells/exchange/track_formats.h"
#include "core/io/csv.h"
#include "core/io/json_access.h"

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;

/// Where the tables of a package lie, as its dp.json says.
Result<std::map<std::string, fs::path>> resources(const fs::path& folder) {
    DS_ASSIGN(const nlohmann::json package, io::readJson(folder / "dp.json"));
    std::map<std::string, fs::path> found{{"cmso_objects_table", "objects.csv"}, {"cmso_links_table", "links.csv"}, {"cmso_tracks_table", "tracks.csv"}};
    for (const auto& resource : io::arrayMember(package, "resources")) {
        const fs::path path = io::textMember(resource, "path");
        if (path.empty() || path.has_parent_path()) continue;  // a package keeps its tables beside dp.json
        found[io::textMember(resource, "name")] = path;
    }
    for (auto& [name, path] : found) path = folder / path;
    return found;
}

Result<void> readObjects(const fs::path& file, TrackSet& set) {
    DS_ASSIGN(const io::CsvTable table, io::readCsv(file));
    const CsvFields fields(file, table);
    DS_ASSIGN(const std::size_t id, fields.require("cmso_object_id"));
    DS_ASSIGN(const std::size_t frame, fields.require("cmso_frame_id"));
    DS_ASSIGN(const std::size_t x, fields.require("cmso_x_coord"));
    DS_ASSIGN(const std::size_t y, fields.require("cmso_y_coord"));
    const auto z = table.find("cmso_z_coord");
    set.tracks.hasZ = z.has_value();
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        Detection cell;
        DS_ASSIGN(cell.id, fields.integer(row, id));
        DS_ASSIGN(cell.t, fields.integer(row, frame));
        DS_ASSIGN(cell.y, fields.number(row, y));
        DS_ASSIGN(cell.x, fields.number(row, x));
        if (z) {
            DS_ASSIGN(cell.z, fields.number(row, *z));
        }
        set.tracks.detections.push_back(cell);
    }
    return {};
}

/// A link of the package is a chain of objects; those that share an object split or merge there.
Result<std::vector<CellLink>> readChains(const fs::path& file, const std::vector<Detection>& cells) {
    DS_ASSIGN(const io::CsvTable table, io::readCsv(file));
    const CsvFields fields(file, table);
    DS_ASSIGN(const std::size_t link, fields.require("cmso_link_id"));
    DS_ASSIGN(const std::size_t object, fields.require("cmso_object_id"));
    std::map<std::int64_t, std::int64_t> frameOf;
    for (const Detection& cell : cells) frameOf[cell.id] = cell.t;
    std::map<std::int64_t, std::vector<std::int64_t>> chains;
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        DS_ASSIGN(const std::int64_t chain, fields.integer(row, link));
        DS_ASSIGN(const std::int64_t id, fields.integer(row, object));
        if (!frameOf.contains(id)) return fail(ErrorCode::BadInput, fmt::format("{}: object {} is not in the objects table", fields.place(row, object), id), "Make the package again.");
        chains[chain].push_back(id);
    }
    std::vector<CellLink> result;
    for (auto& [chain, ids] : chains) {
        std::ranges::stable_sort(ids, {}, [&](std::int64_t id) { return frameOf[id]; });
        for (std::size_t i = 1; i < ids.size(); ++i) result.emplace_back(ids[i - 1], ids[i]);
    }
    return result;
}

}  // namespace

Result<TrackSet> readCmso(const fs::path& folder) {
    DS_ASSIGN(auto files, resources(folder));
    TrackSet set;
    set.format = "CMSO data package";
    DS_TRY(readObjects(files["cmso_objects_table"], set));
    DS_ASSIGN(const std::vector<CellLink> chains, readChains(files["cmso_links_table"], set.tracks.detections));
    if (auto done = assignTracks(set, chains); !done) return tl::unexpected(std::move(done).error().during("while reading " + folder.string()));
    DS_TRY(checkTracks(set, folder.string()));
    return set;
}

}  // namespace driftscope::cells
