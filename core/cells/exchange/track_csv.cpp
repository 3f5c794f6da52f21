#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>
#include <set>

#include "core/base/atomic_file.h"
#include "core/cells/csv_fields.h"
#include "core/cells/exchange/property_columns.h"
#include "core/cells/exchange/track_formats.h"
#include "core/io/csv.h"

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;

/// A meaning and the names that programs give its column, in small letters.
struct Alias {
    const char* meaning;
    std::vector<const char*> names;
};

const std::vector<Alias>& aliases() {
    static const std::vector<Alias> list{
        {"track", {"track_id", "trackid", "track", "id of track", "cmso_track_id"}},
        {"t", {"t", "frame", "time index", "time", "imagenumber", "axis-0"}},
        {"z", {"z", "location_center_z", "position_z"}},
        {"y", {"y", "cell row", "location_center_y", "areashape_center_y", "position_y"}},
        {"x", {"x", "cell col", "location_center_x", "areashape_center_x", "position_x"}},
        {"id", {"id", "detection_id", "node_id", "spot_id"}},
        {"parentTrack", {"parent_track_id", "parent", "parent_track"}},
        {"parentId", {"parent_id"}},
        {"dummy", {"dummy"}}};
    return list;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

using Columns = std::map<std::string, std::size_t>;

/// CellProfiler adds the number of the module to its columns: "TrackObjects_Label_15".
void findCellProfiler(const std::vector<std::string>& header, Columns& columns) {
    const std::array<std::pair<const char*, const char*>, 5> prefixes{{{"trackobjects_label", "track"}, {"trackobjects_parentimagenumber", "parentImage"},
                                                                       {"trackobjects_parentobjectnumber", "parentObject"}, {"trackobjects_trajectoryx", "trajectoryX"},
                                                                       {"trackobjects_trajectoryy", "trajectoryY"}}};
    for (std::size_t i = 0; i < header.size(); ++i)
        for (const auto& [prefix, meaning] : prefixes)
            if (lower(header[i]).starts_with(prefix)) columns.emplace(meaning, i);
    if (const auto number = std::ranges::find(header, "ObjectNumber"); number != header.end() && columns.contains("parentObject"))
        columns["object"] = static_cast<std::size_t>(number - header.begin());
    // Mothers are named by image and number together, and places by both coordinates.
    if (!columns.contains("parentImage") || !columns.contains("object")) columns.erase("parentObject");
    if (!columns.contains("y") || !columns.contains("x")) {
        columns.erase("y");
        columns.erase("x");
    }
}

Columns findColumns(const std::vector<std::string>& header) {
    Columns columns;
    for (const Alias& alias : aliases())
        for (const char* name : alias.names)
            for (std::size_t i = 0; i < header.size() && !columns.contains(alias.meaning); ++i)
                if (lower(header[i]) == name) columns[alias.meaning] = i;
    findCellProfiler(header, columns);
    // btrack calls the track ID and has no ids of cells.
    if (!columns.contains("track") && columns.contains("id")) {
        columns["track"] = columns["id"];
        columns.erase("id");
    }
    return columns;
}

bool isTracks(const Columns& columns) {
    const bool placed = (columns.contains("y") && columns.contains("x")) || (columns.contains("trajectoryX") && columns.contains("trajectoryY"));
    return columns.contains("track") && columns.contains("t") && placed;
}

char separatorOf(const std::string& line) {
    for (const char candidate : {'\t', ',', ';', ' '})
        if (line.find(candidate) != std::string::npos) return candidate;
    return ',';
}

/// Reads one table row by row.
class TableReader {
  public:
    TableReader(const fs::path& file, const io::CsvTable& table, Columns columns) : file_(file), table_(table), fields_(file, table), columns_(std::move(columns)) {}

    Result<TrackSet> read() {
        set_.format = columns_.contains("parentObject") ? "CellProfiler table" : "table of tracks";
        set_.tracks.hasZ = columns_.contains("z");
        const bool displaced = !columns_.contains("x");
        for (std::size_t row = 0; row < table_.rows.size(); ++row) DS_TRY(readRow(row));
        if (displaced) set_.tracks.warnings.push_back(fmt::format("{} has no positions of objects: their trajectories' coordinates are shown instead.", file_.string()));
        if (left_ > 0) set_.tracks.warnings.push_back(fmt::format("{}: {} rows without a track, or made up by the tracker, are left out.", file_.string(), left_));
        readProperties();
        if (columns_.contains("parentObject")) return linkObjects();
        return std::move(set_);
    }

  private:
    std::optional<std::size_t> column(const char* meaning) const {
        const auto found = columns_.find(meaning);
        return found == columns_.end() ? std::nullopt : std::optional(found->second);
    }

    Result<void> readRow(std::size_t row) {
        Detection cell;
        DS_ASSIGN(cell.trackId, fields_.integerOr(row, column("track"), -1));
        if (cell.trackId < 0 || isDummy(row)) {
            ++left_;
            return {};
        }
        DS_ASSIGN(cell.t, fields_.integer(row, columns_.at("t")));
        const bool fromOne = columns_.contains("parentObject");  // CellProfiler counts images from 1
        if (fromOne) --cell.t;
        DS_ASSIGN(cell.y, fields_.number(row, columns_.at(columns_.contains("y") ? "y" : "trajectoryY")));
        DS_ASSIGN(cell.x, fields_.number(row, columns_.at(columns_.contains("x") ? "x" : "trajectoryX")));
        if (const auto z = column("z")) {
            DS_ASSIGN(cell.z, fields_.number(row, *z));
        }
        DS_ASSIGN(cell.id, fields_.integerOr(row, column("id"), static_cast<std::int64_t>(row) + 1));
        DS_ASSIGN(cell.parentTrackId, fields_.integerOr(row, column("parentTrack"), -1));
        DS_ASSIGN(cell.parentId, fields_.integerOr(row, column("parentId"), -1));
        if (cell.parentTrackId == cell.trackId) cell.parentTrackId = -1;  // btrack's way to say that there is no mother
        rows_.push_back(row);
        set_.tracks.detections.push_back(cell);
        return {};
    }

    bool isDummy(std::size_t row) const {
        const auto dummy = column("dummy");
        return dummy && (lower(fields_.text(row, *dummy)) == "true" || fields_.text(row, *dummy) == "1" || fields_.text(row, *dummy) == "1.0");
    }

    void readProperties() {
        std::set<std::size_t> known;
        for (const auto& [meaning, index] : columns_) known.insert(index);
        for (std::size_t index = 0; index < table_.header.size(); ++index) {
            if (known.contains(index) || table_.header[index].empty()) continue;
            std::vector<std::string> texts;
            for (const std::size_t row : rows_) texts.push_back(table_.rows[row][index]);
            set_.columns.emplace_back(table_.header[index], columnFromTexts(texts));
        }
    }

    /// CellProfiler names the mother by image and number; its labels do not tell daughters apart.
    Result<TrackSet> linkObjects() {
        std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> idOf;  // by image and object
        const std::size_t image = columns_.at("t"), parentImage = columns_.at("parentImage"), parentObject = columns_.at("parentObject");
        const std::size_t object = columns_.at("object");
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            DS_ASSIGN(const std::int64_t at, fields_.integer(rows_[i], image));
            DS_ASSIGN(const std::int64_t number, fields_.integer(rows_[i], object));
            idOf[{at, number}] = set_.tracks.detections[i].id;
        }
        std::vector<CellLink> found;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            DS_ASSIGN(const std::int64_t at, fields_.integerOr(rows_[i], parentImage, 0));
            DS_ASSIGN(const std::int64_t number, fields_.integerOr(rows_[i], parentObject, 0));
            if (at == 0 || number == 0) continue;
            const auto mother = idOf.find({at, number});
            if (mother == idOf.end())
                return fail(ErrorCode::BadInput, fmt::format("{}: its parent, object {} of image {}, is not in the file", fields_.place(rows_[i]), number, at), "Export all images of the movie.");
            found.emplace_back(mother->second, set_.tracks.detections[i].id);
        }
        DS_TRY(assignTracks(set_, found));
        return std::move(set_);
    }

    const fs::path& file_;
    const io::CsvTable& table_;
    CsvFields fields_;
    Columns columns_;
    TrackSet set_;
    std::vector<std::size_t> rows_;  ///< of the table, for each detection
    std::size_t left_ = 0;
};

}  // namespace

bool isTrackTable(const std::string& firstLine) {
    std::vector<std::string> header;
    const char separator = separatorOf(firstLine);
    std::string field;
    for (const char c : firstLine + separator) {
        if (c == separator) {
            while (!field.empty() && (field.back() == '\r' || field.back() == '"')) field.pop_back();
            header.push_back(field.starts_with('"') ? field.substr(1) : field);
            field.clear();
        } else {
            field += c;
        }
    }
    return isTracks(findColumns(header));
}

Result<TrackSet> readTrackCsv(const fs::path& file) {
    DS_ASSIGN(const std::string text, readFile(file));
    DS_ASSIGN(const io::CsvTable table, io::readCsv(file, separatorOf(text.substr(0, text.find('\n')))));
    Columns columns = findColumns(table.header);
    if (!isTracks(columns))
        return fail(ErrorCode::BadInput, fmt::format("{} has no columns for track, frame and position (it has: {})", file.string(), fmt::join(table.header, ", ")),
                    "Name them track_id, t, y and x.");
    DS_ASSIGN(TrackSet set, TableReader(file, table, std::move(columns)).read());
    DS_TRY(checkTracks(set, file.string()));
    return set;
}

Result<void> writeTrackCsv(const fs::path& csv, const TrackSet& set) {
    return writeTracks(csv, set.tracks, set.columns);
}

}  // namespace driftscope::cells
