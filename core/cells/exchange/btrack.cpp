#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "core/cells/csv_fields.h"
#include "core/cells/exchange/btrack_files.h"
#include "core/cells/exchange/property_columns.h"
#include "core/cells/exchange/track_formats.h"
#include "core/io/csv.h"
#include "core/io/hdf5_object.h"
#include "core/io/json_access.h"

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

Result<std::int64_t> trackNumber(const std::string& text, const fs::path& file) {
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code == std::errc() && end == text.data() + text.size() && number >= 0) return number;
    return fail(ErrorCode::BadInput, fmt::format("{}: '{}' is not the number of a track.", file.string(), text), "Keys are whole numbers.");
}

/// Puts the rows a track lists into it. Rows are indices of detections.
Result<void> fillTrack(std::int64_t track, const std::vector<std::int64_t>& rows, TrackSet& set, const std::string& place) {
    for (const std::int64_t row : rows) {
        if (row < 0 || row >= std::ssize(set.tracks.detections))
            return fail(ErrorCode::BadInput, fmt::format("{}: track {} has the object {}, of {}.", place, track, row, set.tracks.detections.size()), "The two files do not belong together.");
        set.tracks.detections[static_cast<std::size_t>(row)].trackId = track;
    }
    return {};
}

/// Drops detections that no track has, and gives the others their mothers.
void finish(TrackSet& set, const std::map<std::int64_t, std::int64_t>& motherOf, const std::string& place) {
    std::vector<Detection>& cells = set.tracks.detections;
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < cells.size(); ++i)
        if (cells[i].trackId >= 0) kept.push_back(i);
    if (kept.size() < cells.size()) set.tracks.warnings.push_back(fmt::format("{}: {} objects belong to no track and are left out.", place, cells.size() - kept.size()));
    std::vector<Detection> rest;
    for (const std::size_t i : kept) rest.push_back(cells[i]);
    for (auto& [name, column] : set.columns)
        std::visit(
            [&](auto& values) {
                if constexpr (!std::is_same_v<std::decay_t<decltype(values)>, Categorical>) {
                    auto some = values;
                    some.clear();
                    for (const std::size_t i : kept) some.push_back(values[i]);
                    values = std::move(some);
                }
            },
            column);
    for (Detection& cell : rest)
        if (const auto mother = motherOf.find(cell.trackId); mother != motherOf.end()) cell.parentTrackId = mother->second;
    cells = std::move(rest);
    std::map<std::int64_t, std::int64_t> idOf;
    for (const CellLink& link : links(set)) idOf[link.second] = link.first;
    for (Detection& cell : cells)
        if (const auto before = idOf.find(cell.id); before != idOf.end()) cell.parentId = before->second;
}

/// Mothers of tracks: {"4": [2]}; further mothers would be merges, which btrack's own graph does not make.
Result<std::map<std::int64_t, std::int64_t>> readGraph(const fs::path& file) {
    std::map<std::int64_t, std::int64_t> motherOf;
    std::error_code code;
    if (!fs::exists(file, code)) return motherOf;
    DS_ASSIGN(const json graph, io::readJson(file));
    for (const auto& [key, mothers] : graph.items()) {
        DS_ASSIGN(const std::int64_t daughter, trackNumber(key, file));
        if (!mothers.is_array() || mothers.size() != 1 || !mothers[0].is_number_integer())
            return fail(ErrorCode::Unsupported, fmt::format("{}: track {} has the mothers {}.", file.string(), daughter, mothers.dump()), "A track has one mother.");
        motherOf[daughter] = mothers[0].get<std::int64_t>();
    }
    return motherOf;
}

/// The first group below a parent, "obj_type_1".
Result<io::Hdf5Object> firstType(const io::Hdf5Object& root, const std::string& name) {
    if (!root.has(name)) return fail(ErrorCode::BadInput, fmt::format("{} has no /{}.", root.place(), name), "Choose a file that btrack wrote after tracking.");
    DS_ASSIGN(const io::Hdf5Object group, root.child(name));
    const auto types = group.children();
    const auto type = std::ranges::find_if(types, [](const std::string& one) { return one.starts_with("obj_type_"); });
    if (type == types.end()) return fail(ErrorCode::BadInput, fmt::format("{} has no obj_type_1.", group.place()), "Choose a file that btrack wrote.");
    return group.child(*type);
}

/// A matrix with at least `columns` columns.
Result<std::vector<std::vector<double>>> matrix(const io::Hdf5Object& group, const std::string& name, std::size_t columns) {
    DS_ASSIGN(const io::Hdf5Object dataset, group.child(name));
    const auto shape = dataset.shape();
    if (shape.size() != 2 || shape[1] < columns) return fail(ErrorCode::BadInput, fmt::format("{} is not a matrix of {} columns.", dataset.place(), columns), "The file is damaged.");
    DS_ASSIGN(const std::vector<double> values, dataset.numbers<double>());
    std::vector<std::vector<double>> rows(shape[0]);
    for (std::size_t row = 0; row < shape[0]; ++row) rows[row].assign(values.begin() + static_cast<std::ptrdiff_t>(row * shape[1]), values.begin() + static_cast<std::ptrdiff_t>((row + 1) * shape[1]));
    return rows;
}

Result<void> readObjects(const io::Hdf5Object& objects, TrackSet& set) {
    DS_ASSIGN(const auto coords, matrix(objects, "coords", 4));
    for (std::size_t i = 0; i < coords.size(); ++i) {
        if (!(coords[i][0] >= 0 && coords[i][0] < 9e15) || coords[i][0] != std::floor(coords[i][0]))
            return fail(ErrorCode::BadInput, fmt::format("{}: object {} is in frame {}.", objects.place(), i, coords[i][0]), "Frames are whole numbers from 0.");
        set.tracks.detections.push_back({-1, static_cast<std::int64_t>(coords[i][0]), coords[i][3], coords[i][2], coords[i][1], static_cast<std::int64_t>(i) + 1, -1, -1});
        set.tracks.hasZ = set.tracks.hasZ || coords[i][3] != 0;
    }
    if (!objects.has("labels")) return {};
    DS_ASSIGN(const auto labels, matrix(objects, "labels", 1));
    if (labels.size() != coords.size()) return fail(ErrorCode::BadInput, fmt::format("{} has {} labels for {} objects.", objects.place(), labels.size(), coords.size()), "The file is damaged.");
    std::vector<std::int64_t> states;
    for (const auto& row : labels) states.push_back(std::isfinite(row[0]) ? std::llround(std::clamp(row[0], -9e15, 9e15)) : -1);
    set.columns.emplace_back("label", std::move(states));
    return {};
}

}  // namespace

std::optional<BtrackFiles> btrackFilesBeside(const fs::path& csv) {
    std::string stem = csv.stem().string();
    if (stem.ends_with("_data")) stem.resize(stem.size() - 5);
    std::error_code code;
    for (const char* ending : {"_ground_truth.json", "_tracks.json"})
        if (const fs::path tracks = csv.parent_path() / (stem + ending); fs::exists(tracks, code)) return BtrackFiles{tracks, csv.parent_path() / (stem + "_graph.json")};
    return std::nullopt;
}

Result<TrackSet> readBtrackObjects(const fs::path& csv) {
    const auto beside = btrackFilesBeside(csv);
    if (!beside) return fail(ErrorCode::NotFound, fmt::format("{} has no tracks beside it.", csv.string()), "Keep <name>_tracks.json and <name>_graph.json in its folder.");
    DS_ASSIGN(const io::CsvTable table, io::readCsv(csv));
    const CsvFields fields(csv, table);
    TrackSet set;
    set.format = "btrack objects";
    std::map<std::string, std::size_t> place;
    for (const char* name : {"t", "x", "y"}) {
        DS_ASSIGN(place[name], fields.require(name));
    }
    const auto z = table.find("z");
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        Detection cell;
        cell.trackId = -1;
        cell.id = static_cast<std::int64_t>(row) + 1;
        DS_ASSIGN(cell.t, fields.integer(row, place["t"]));
        DS_ASSIGN(cell.y, fields.number(row, place["y"]));
        DS_ASSIGN(cell.x, fields.number(row, place["x"]));
        if (z) {
            DS_ASSIGN(cell.z, fields.number(row, *z));
        }
        set.tracks.hasZ = set.tracks.hasZ || cell.z != 0;
        set.tracks.detections.push_back(cell);
    }
    for (std::size_t index = 0; index < table.header.size(); ++index) {
        if (place.contains(table.header[index]) || table.header[index] == "z") continue;
        std::vector<std::string> texts;
        for (const auto& row : table.rows) texts.push_back(row[index]);
        set.columns.emplace_back(table.header[index], columnFromTexts(texts));
    }
    DS_ASSIGN(const json tracks, io::readJson(beside->tracks));
    for (const auto& [key, rows] : tracks.items()) {
        DS_ASSIGN(const std::int64_t track, trackNumber(key, beside->tracks));
        DS_ASSIGN(const auto list, io::extentsMember(tracks, key, beside->tracks.string()));
        DS_TRY(fillTrack(track, list, set, beside->tracks.string()));
    }
    DS_ASSIGN(const auto motherOf, readGraph(beside->graph));
    finish(set, motherOf, csv.string());
    DS_TRY(checkTracks(set, csv.string()));
    return set;
}

Result<TrackSet> readBtrackHdf5(const fs::path& file) {
    const io::Hdf5Session session;
    DS_ASSIGN(const io::Hdf5Object root, io::Hdf5Object::openFile(file));
    DS_ASSIGN(const io::Hdf5Object objects, firstType(root, "objects"));
    DS_ASSIGN(const io::Hdf5Object tracks, firstType(root, "tracks"));
    TrackSet set;
    set.format = "btrack HDF5";
    DS_TRY(readObjects(objects, set));
    DS_ASSIGN(const io::Hdf5Object references, tracks.child("tracks"));
    DS_ASSIGN(const std::vector<std::int64_t> rows, references.numbers<std::int64_t>());
    DS_ASSIGN(const auto map, matrix(tracks, "map", 2));
    const bool rooted = tracks.has("LBEPRG");
    DS_ASSIGN(const auto table, matrix(tracks, rooted ? "LBEPRG" : "LBEPR", 4));
    if (table.size() != map.size()) return fail(ErrorCode::BadInput, fmt::format("{} has {} tracks in its table and {} in its map.", tracks.place(), table.size(), map.size()), "The file is damaged.");
    std::map<std::int64_t, std::int64_t> motherOf;
    for (std::size_t i = 0; i < map.size(); ++i) {
        const double begin = map[i][0], end = map[i][1];
        const double number = table[i][0], mother = table[i][3];
        if (!(begin >= 0 && begin <= end && end <= static_cast<double>(rows.size())) || !(number >= 0 && number <= 4294967295.0) || !(std::abs(mother) <= 4294967295.0))
            return fail(ErrorCode::BadInput, fmt::format("{}: the map's row {} points outside the tracks.", tracks.place(), i), "The file is damaged.");
        std::vector<std::int64_t> some;
        for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row)
            if (rows[row] >= 0) some.push_back(rows[row]);  // negative: a cell the tracker made up to bridge a gap
        const auto track = static_cast<std::int64_t>(number);
        DS_TRY(fillTrack(track, some, set, tracks.place()));
        if (const auto parent = static_cast<std::int64_t>(mother); parent > 0 && parent != track) motherOf[track] = parent;
    }
    finish(set, motherOf, file.string());
    DS_TRY(checkTracks(set, file.string()));
    return set;
}

}  // namespace driftscope::cells
