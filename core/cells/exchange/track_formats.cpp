#include "core/cells/exchange/track_formats.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "core/cells/exchange/btrack_files.h"
#include "core/cells/exchange/property_columns.h"
#include "core/io/json_access.h"
#include "core/io/ome_zarr.h"

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;

bool isThere(const fs::path& path) {
    std::error_code code;
    return fs::exists(path, code);
}

/// The first bytes of a file, enough for a header.
std::string beginning(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text(4096, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
    return text;
}

/// A plate whose first position keeps a table of tracks.
bool isTracksPlate(const fs::path& folder) {
    const auto images = io::listOmeImages(folder);
    return images && findTracksCsv(folder, images->names.front()).has_value();
}

std::optional<TrackFormat> detectFolder(const fs::path& folder) {
    for (const char* name : {"res_track.txt", "man_track.txt", "TRA/res_track.txt", "TRA/man_track.txt"})
        if (isThere(folder / name)) return TrackFormat::Ctc;
    if (isThere(folder / "dp.json") && isThere(folder / "objects.csv")) return TrackFormat::Cmso;
    if (!io::isZarr(folder)) return std::nullopt;
    const auto attributes = io::zarrAttributes(folder);
    if (attributes && io::member(*attributes, "geff")) return TrackFormat::Geff;
    return isTracksPlate(folder) ? std::optional(TrackFormat::Plate) : std::nullopt;
}

/// Four whole numbers on the first line, as man_track.txt has them.
bool isCtcText(const std::string& text) {
    std::istringstream line(text.substr(0, text.find('\n')));
    long long number = 0;
    int count = 0;
    while (line >> number) ++count;
    return count == 4 && line.eof();
}

}  // namespace

std::string trackFormatName(TrackFormat format) {
    constexpr const char* kNames[] = {"plate of tracks", "table of tracks", "Cell Tracking Challenge", "btrack objects", "btrack HDF5", "TrackMate XML", "GEFF", "CMSO data package"};
    return kNames[static_cast<int>(format)];
}

std::optional<TrackFormat> detectTracks(const fs::path& path) {
    std::error_code code;
    if (fs::is_directory(path, code)) return detectFolder(path);
    if (!fs::is_regular_file(path, code)) return std::nullopt;
    const std::string text = beginning(path);
    std::string ending = path.extension().string();
    std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (ending == ".xml") return text.find("<TrackMate") != std::string::npos ? std::optional(TrackFormat::TrackMate) : std::nullopt;
    if (text.starts_with("\x89HDF")) return ending == ".h5ad" ? std::nullopt : std::optional(TrackFormat::BtrackHdf5);
    if (ending != ".csv" && ending != ".txt" && ending != ".tsv") return std::nullopt;
    if (isCtcText(text)) return TrackFormat::Ctc;
    const std::string first = text.substr(0, text.find('\n'));
    if (isTrackTable(first)) return TrackFormat::Table;
    if (first.starts_with("t,") && btrackFilesBeside(path)) return TrackFormat::BtrackObjects;
    return std::nullopt;
}

Result<std::vector<TrackSet>> readTrackSets(const fs::path& path) {
    if (!isThere(path)) return fail(ErrorCode::NotFound, fmt::format("{} does not exist.", path.string()), "Check the path.");
    const auto format = detectTracks(path);
    if (!format)
        return fail(ErrorCode::BadInput, fmt::format("{} holds no tracks of a known format.", path.string()),
                    "Choose a plate of tracks, a Cell Tracking Challenge folder, TrackMate XML, GEFF, btrack's CSV or HDF5, a CMSO package, or a CSV with track_id, t, y and x.");
    if (*format == TrackFormat::Plate) {
        std::vector<TrackSet> sets;
        DS_ASSIGN(const io::TimeLapseListing images, io::listOmeImages(path));
        for (const std::string& name : images.names) {
            TrackSet& set = sets.emplace_back();
            set.format = trackFormatName(*format);
            set.plate = path;
            DS_ASSIGN(const fs::path csv, findTracksCsv(path, name));
            DS_ASSIGN(set, readTrackCsv(csv));
            set.format = trackFormatName(*format);
            set.tracks.fovName = name;
            set.plate = path;
        }
        return sets;
    }
    using Reader = Result<TrackSet> (*)(const fs::path&);
    constexpr Reader kReaders[] = {nullptr, readTrackCsv, readCtc, readBtrackObjects, readBtrackHdf5, readTrackMate, readGeff, readCmso};
    DS_ASSIGN(TrackSet set, kReaders[static_cast<int>(*format)](path));
    return std::vector<TrackSet>{std::move(set)};
}

}  // namespace driftscope::cells
