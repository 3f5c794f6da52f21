#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/cells/annotation_csv.h"
#include "core/cells/csv_fields.h"

namespace driftscope::cells {
namespace {

using Key = std::pair<std::int64_t, std::int64_t>;  // track, frame

std::vector<std::string> ownColumns(const TrackTable& tracks, const std::vector<LabelSchema>& schemas) {
    std::vector<std::string> columns = {"fov_name", "track_id", "t", "id", "parent_track_id", "parent_id"};
    if (tracks.hasZ) columns.emplace_back("z");
    columns.insert(columns.end(), {"y", "x"});
    for (const LabelSchema& schema : schemas) columns.push_back(schema.name);
    columns.insert(columns.end(), {"annotator", "annotation_date", "annotation_version"});
    return columns;
}

/// "3.1" -> "4.0"; what is no version counts as 0.
std::string nextVersion(const io::CsvTable& previous) {
    int highest = 0;
    if (const auto column = previous.find("annotation_version"))
        for (const auto& row : previous.rows) {
            int version = 0;
            std::from_chars(row[*column].data(), row[*column].data() + row[*column].size(), version);
            highest = std::max(highest, version);
        }
    return fmt::format("{}.0", highest + 1);
}

/// Row of the earlier file for each detection it knows. A file without track_id and t has none.
std::map<Key, std::size_t> earlierRows(const io::CsvTable& previous) {
    std::map<Key, std::size_t> rows;
    const std::filesystem::path unnamed;
    const CsvFields fields(unnamed, previous);
    const auto track = previous.find("track_id"), t = previous.find("t");
    if (!track || !t) return rows;
    for (std::size_t row = 0; row < previous.rows.size(); ++row) {
        const auto id = fields.integer(row, *track), frame = fields.integer(row, *t);
        if (id && frame) rows.emplace(Key(*id, *frame), row);
    }
    return rows;
}

std::vector<std::string> ownFields(const TrackTable& tracks, std::size_t i, const std::vector<LabelSchema>& schemas,
                                   const StateColumns& states, const AnnotationStamp& stamp) {
    const Detection& d = tracks.detections[i];
    std::vector<std::string> row = {tracks.fovName,       fmt::to_string(d.trackId),       fmt::to_string(d.t),
                                    fmt::to_string(d.id), fmt::to_string(d.parentTrackId), fmt::to_string(d.parentId)};
    if (tracks.hasZ) row.push_back(fmt::to_string(d.z));
    row.push_back(fmt::to_string(d.y));
    row.push_back(fmt::to_string(d.x));
    for (const LabelSchema& schema : schemas) {
        const auto column = states.find(schema.name);
        row.push_back(column == states.end() || column->second.size() <= i ? std::string() : column->second[i]);
    }
    row.insert(row.end(), {stamp.annotator, stamp.date, stamp.version});
    return row;
}

}  // namespace

io::CsvTable annotationTable(const TrackTable& tracks, const std::vector<LabelSchema>& schemas,
                             const StateColumns& states, const AnnotationStamp& stamp, const io::CsvTable* previous) {
    io::CsvTable table;
    table.header = ownColumns(tracks, schemas);
    AnnotationStamp current = stamp;
    std::vector<std::size_t> foreign;
    std::map<Key, std::size_t> earlier;
    if (previous) {
        current.version = nextVersion(*previous);
        earlier = earlierRows(*previous);
        for (std::size_t i = 0; i < previous->header.size(); ++i)
            if (std::ranges::find(table.header, previous->header[i]) == table.header.end()) foreign.push_back(i);
        for (const std::size_t column : foreign) table.header.push_back(previous->header[column]);
    }
    for (std::size_t i = 0; i < tracks.detections.size(); ++i) {
        auto row = ownFields(tracks, i, schemas, states, current);
        const auto known = earlier.find({tracks.detections[i].trackId, tracks.detections[i].t});
        for (const std::size_t column : foreign)
            row.push_back(known == earlier.end() ? std::string() : previous->rows[known->second][column]);
        table.rows.push_back(std::move(row));
    }
    return table;
}

std::string annotationFileName(const std::filesystem::path& plate, const std::string& fovName) {
    std::string position = fovName;
    std::ranges::replace(position, '/', '_');
    const auto begin = position.find_first_not_of('_');
    // A path that ends in '/' has an empty last part.
    const auto folder = plate.has_filename() ? plate : plate.parent_path();
    return fmt::format("{}_{}.csv", folder.stem().string(), begin == std::string::npos ? "" : position.substr(begin));
}

std::string entityOf(const std::string& fovName, std::int64_t trackId) {
    return fmt::format("{}#{}", fovName, trackId);
}

std::optional<std::pair<std::string, std::int64_t>> trackOfEntity(const std::string& entity) {
    const auto mark = entity.rfind('#');
    if (mark == std::string::npos) return std::nullopt;
    std::int64_t track = 0;
    const char* last = entity.data() + entity.size();
    const auto [end, error] = std::from_chars(entity.data() + mark + 1, last, track);
    if (error != std::errc() || end != last) return std::nullopt;
    return std::pair(entity.substr(0, mark), track);
}

}  // namespace driftscope::cells
