#include "core/cells/track_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/cells/csv_fields.h"
#include "core/cells/lineage.h"
#include "core/io/csv.h"

namespace driftscope::cells {
namespace {

struct TrackColumns {
    std::size_t trackId, t, y, x, id;
    std::optional<std::size_t> z, parentTrackId, parentId;
};

Result<TrackColumns> findColumns(const CsvFields& fields, const io::CsvTable& table) {
    TrackColumns columns{};
    DS_ASSIGN(columns.trackId, fields.require("track_id"));
    DS_ASSIGN(columns.t, fields.require("t"));
    DS_ASSIGN(columns.y, fields.require("y"));
    DS_ASSIGN(columns.x, fields.require("x"));
    DS_ASSIGN(columns.id, fields.require("id"));
    columns.z = table.find("z");
    columns.parentTrackId = table.find("parent_track_id");
    columns.parentId = table.find("parent_id");
    return columns;
}

Result<Detection> readDetection(const CsvFields& fields, const TrackColumns& columns, std::size_t row) {
    Detection d;
    DS_ASSIGN(d.trackId, fields.integer(row, columns.trackId));
    DS_ASSIGN(d.t, fields.integer(row, columns.t));
    if (columns.z) {
        DS_ASSIGN(d.z, fields.number(row, *columns.z));
    }
    DS_ASSIGN(d.y, fields.number(row, columns.y));
    DS_ASSIGN(d.x, fields.number(row, columns.x));
    DS_ASSIGN(d.id, fields.integer(row, columns.id));
    DS_ASSIGN(d.parentTrackId, fields.integerOr(row, columns.parentTrackId, -1));
    DS_ASSIGN(d.parentId, fields.integerOr(row, columns.parentId, -1));
    if (d.trackId < 0 || d.trackId > 0xFFFFFFFFLL)
        return fail(
            ErrorCode::BadInput,
            fmt::format("{}: track {} cannot be a mask's pixel value", fields.place(row, columns.trackId), d.trackId),
            "Track ids are whole numbers from 1 to 4294967295.");
    if (d.t < 0)
        return fail(ErrorCode::BadInput, fmt::format("{}: frame {} is negative", fields.place(row, columns.t), d.t),
                    "Frames count from 0.");
    return d;
}

Result<void> checkOneRowPerFrame(const CsvFields& fields, const std::vector<Detection>& detections) {
    std::map<std::pair<std::int64_t, std::int64_t>, std::size_t> seen;
    for (std::size_t row = 0; row < detections.size(); ++row) {
        const auto [first, fresh] = seen.emplace(std::pair(detections[row].trackId, detections[row].t), row);
        if (!fresh)
            return fail(ErrorCode::BadInput,
                        fmt::format("{}: track {} is in frame {} a second time (first in line {})", fields.place(row),
                                    detections[row].trackId, detections[row].t, first->second + 2),
                        "A track has one row per frame; remove or renumber one of the two.");
    }
    return {};
}

/// What is odd but harmless enough to go on with.
std::vector<std::string> oddities(const std::string& file, const std::vector<Detection>& detections,
                                  const Lineages& lineages) {
    std::vector<std::string> warnings;
    std::set<std::int64_t> ids;
    std::size_t repeated = 0, changing = 0, background = 0, early = 0;
    for (const Detection& d : detections) {
        repeated += ids.insert(d.id).second ? 0 : 1;
        background += d.trackId == 0 ? 1 : 0;
        const std::int64_t parent = lineages.find(d.trackId)->parent;
        if (d.parentTrackId >= 0 && parent >= 0 && d.parentTrackId != parent) ++changing;
    }
    for (const auto& [id, track] : lineages.tracks()) {
        const TrackSummary* mother = lineages.find(track.parent);
        if (mother && track.firstFrame <= mother->lastFrame) ++early;
    }
    if (repeated)
        warnings.push_back(
            fmt::format("{}: {} rows repeat an id of an earlier row; labels are joined by frame and track instead",
                        file, repeated));
    if (background)
        warnings.push_back(fmt::format(
            "{}: {} rows belong to track 0, which no mask can show (pixel value 0 is background)", file, background));
    if (changing)
        warnings.push_back(fmt::format(
            "{}: {} rows name another mother than the first row of their track; the first is used", file, changing));
    if (early) warnings.push_back(fmt::format("{}: {} tracks begin before their mother ends", file, early));
    if (const auto& unknown = lineages.unknownParents(); !unknown.empty())
        warnings.push_back(fmt::format(
            "{}: {} mothers are not in the file (track {}); their daughters are shown as roots", file, unknown.size(),
            fmt::join(unknown.begin(), unknown.begin() + std::min<std::ptrdiff_t>(5, std::ssize(unknown)), ", ")));
    return warnings;
}

std::string withoutSlash(std::string name) {
    const auto begin = name.find_first_not_of('/');
    return begin == std::string::npos ? std::string() : name.substr(begin);
}

}  // namespace

Result<TrackTable> readTracks(const std::filesystem::path& csv, const std::string& fovName) {
    DS_ASSIGN(const io::CsvTable table, io::readCsv(csv));
    const CsvFields fields(csv, table);
    DS_ASSIGN(const TrackColumns columns, findColumns(fields, table));
    TrackTable tracks;
    tracks.fovName = withoutSlash(fovName);
    tracks.hasZ = columns.z.has_value();
    tracks.detections.reserve(table.rows.size());
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        DS_ASSIGN(Detection detection, readDetection(fields, columns, row));
        tracks.detections.push_back(detection);
    }
    DS_TRY(checkOneRowPerFrame(fields, tracks.detections));
    auto lineages = Lineages::make(tracks.detections);
    if (!lineages) return tl::unexpected(std::move(lineages).error().during("while reading " + csv.string()));
    tracks.warnings = oddities(csv.string(), tracks.detections, *lineages);
    return tracks;
}

Result<void> writeTracks(const std::filesystem::path& csv, const TrackTable& tracks,
                         std::span<const std::pair<std::string, Column>> further) {
    io::CsvTable table;
    table.header = {"track_id", "t", "z", "y", "x", "id", "parent_track_id", "parent_id"};
    if (!tracks.hasZ) std::erase(table.header, "z");
    std::vector<const Column*> columns;
    for (const auto& [name, column] : further) {
        if (name == "z" || std::ranges::find(table.header, name) != table.header.end()) continue;
        table.header.push_back(name);
        columns.push_back(&column);
    }
    table.rows.reserve(tracks.detections.size());
    for (const Detection& d : tracks.detections) {
        std::vector<std::string> row{fmt::to_string(d.trackId), fmt::to_string(d.t)};
        if (tracks.hasZ) row.push_back(fmt::to_string(d.z));
        for (std::string& text : std::vector{fmt::to_string(d.y), fmt::to_string(d.x), fmt::to_string(d.id),
                                             fmt::to_string(d.parentTrackId), fmt::to_string(d.parentId)})
            row.push_back(std::move(text));
        for (const Column* column : columns) row.push_back(columnText(*column, table.rows.size()));
        table.rows.push_back(std::move(row));
    }
    return io::writeCsv(csv, table);
}

Result<std::filesystem::path> findTracksCsv(const std::filesystem::path& plate, const std::string& fov) {
    const std::filesystem::path folder = plate / withoutSlash(fov);
    std::error_code error;
    std::filesystem::directory_iterator entries(folder, error);
    if (error)
        return fail(ErrorCode::NotFound,
                    fmt::format("{} has no position '{}' ({})", plate.string(), withoutSlash(fov), error.message()),
                    "Choose the tracks plate that belongs to these images.");
    std::vector<std::string> found;
    for (const auto& entry : entries)
        if (entry.path().extension() == ".csv") found.push_back(entry.path().filename().string());
    std::ranges::sort(found);
    if (found.size() == 1) return folder / found.front();
    if (found.empty())
        return fail(ErrorCode::NotFound, fmt::format("{} has no tracks: there is no .csv file", folder.string()),
                    "A tracks plate keeps one ultrack CSV beside the label array of each position.");
    return fail(ErrorCode::BadInput,
                fmt::format("{} has {} CSV files ({}); it is unclear which one holds the tracks", folder.string(),
                            found.size(), fmt::join(found, ", ")),
                "Keep one and move the others elsewhere.");
}

EmbeddingTable toObs(const std::vector<TrackTable>& fields) {
    std::size_t rows = 0;
    bool hasZ = false;
    for (const TrackTable& field : fields) {
        rows += field.detections.size();
        hasZ = hasZ || field.hasZ;
    }
    std::vector<std::string> fov;
    std::vector<std::int64_t> trackId, t, id, parentTrackId, parentId;
    std::vector<double> z, y, x;
    for (const TrackTable& field : fields) {
        fov.insert(fov.end(), field.detections.size(), withoutSlash(field.fovName));
        for (const Detection& d : field.detections) {
            trackId.push_back(d.trackId), t.push_back(d.t), id.push_back(d.id);
            parentTrackId.push_back(d.parentTrackId), parentId.push_back(d.parentId);
            z.push_back(d.z), y.push_back(d.y), x.push_back(d.x);
        }
    }
    EmbeddingTable table(rows);
    const auto set = [&](const char* name, Column column) { (void)table.setColumn(name, std::move(column)); };
    set("fov_name", Categorical::fromTexts(fov));
    set("track_id", std::move(trackId));
    set("t", std::move(t));
    set("id", std::move(id));
    set("parent_track_id", std::move(parentTrackId));
    set("parent_id", std::move(parentId));
    if (hasZ) set("z", std::move(z));
    set("y", std::move(y));
    set("x", std::move(x));
    return table;
}

Result<std::vector<TrackTable>> fromObs(const EmbeddingTable& table) {
    DS_ASSIGN(const auto fov, table.texts("fov_name"));
    DS_ASSIGN(const auto trackId, table.integers("track_id"));
    DS_ASSIGN(const auto t, table.integers("t"));
    DS_ASSIGN(const auto y, table.numbers("y"));
    DS_ASSIGN(const auto x, table.numbers("x"));
    std::vector<std::int64_t> id(table.rows(), -1), parentTrackId(table.rows(), -1), parentId(table.rows(), -1);
    std::vector<double> z(table.rows(), 0);
    if (table.column("id")) {
        DS_ASSIGN(id, table.integers("id"));
    }
    if (table.column("parent_track_id")) {
        DS_ASSIGN(parentTrackId, table.integers("parent_track_id"));
    }
    if (table.column("parent_id")) {
        DS_ASSIGN(parentId, table.integers("parent_id"));
    }
    if (table.column("z")) {
        DS_ASSIGN(z, table.numbers("z"));
    }
    std::vector<TrackTable> fields;
    std::map<std::string, std::size_t> index;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const std::string name = withoutSlash(fov[row]);
        const auto [place, fresh] = index.emplace(name, fields.size());
        if (fresh) fields.push_back({name, {}, table.column("z") != nullptr, {}});
        fields[place->second].detections.push_back(
            {trackId[row], t[row], z[row], y[row], x[row], id[row], parentTrackId[row], parentId[row]});
    }
    return fields;
}

}  // namespace driftscope::cells
