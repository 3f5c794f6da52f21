#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/cells/exchange/track_set.h"

namespace driftscope::cells {

enum class TrackFormat { Plate, Table, Ctc, BtrackObjects, BtrackHdf5, TrackMate, Geff, Cmso };

/// "TrackMate XML": the name of a format for people.
std::string trackFormatName(TrackFormat format);

/// What kind of tracks lie at a path, judged by names and beginnings of files; nothing when none.
std::optional<TrackFormat> detectTracks(const std::filesystem::path& path);

/// Reads tracks of any format that detectTracks() knows; plates of tracks give one set per position, others a single one.
/// Errors: unknown format (the known ones are listed), and those of the format.
Result<std::vector<TrackSet>> readTrackSets(const std::filesystem::path& path);

// One reader per format. All errors name the file and the place in it.

/// A table with one cell per row, separated by commas, tabs, semicolons or spaces. Columns are recognised by the names that
/// ultrack, napari, btrack, CellProfiler (TrackObjects) and CellMIA give them; others are kept as properties.
Result<TrackSet> readTrackCsv(const std::filesystem::path& file);
/// btrack's objects (t, x, y, z, label …) with `<stem>_ground_truth.json` or `<stem>_tracks.json` (rows of each track) and
/// `<stem>_graph.json` (mothers of each track) beside it; <stem> is the table's name up to "_data" or its end.
Result<TrackSet> readBtrackObjects(const std::filesystem::path& csv);
/// btrack's HDF5 file, the first object type; cells that the tracker made up (dummies) are left out.
Result<TrackSet> readBtrackHdf5(const std::filesystem::path& file);
/// A Cell Tracking Challenge result or reference: a folder (or its TRA) with res_track.txt or man_track.txt and one mask per frame.
Result<TrackSet> readCtc(const std::filesystem::path& folder);
/// All spots and edges of a TrackMate session, also those its filters hide; positions in pixels.
Result<TrackSet> readTrackMate(const std::filesystem::path& xml);
/// A graph in GEFF (Zarr v2 or v3).
Result<TrackSet> readGeff(const std::filesystem::path& folder);
/// A data package of the Cell Migration Standardisation Organisation (dp.json, objects.csv, links.csv, tracks.csv), as
/// biotracks makes them from CellProfiler, ICY, TrackMate and CellMIA.
Result<TrackSet> readCmso(const std::filesystem::path& folder);

/// One line of man_track.txt: a track, its first and last frame, and its mother (0 for none).
struct CtcTrack {
    std::int64_t label = 0, begin = 0, end = 0, parent = 0;
};
Result<std::vector<CtcTrack>> readCtcTracks(const std::filesystem::path& file);

/// ultrack's CSV, with the set's further columns after ultrack's.
Result<void> writeTrackCsv(const std::filesystem::path& csv, const TrackSet& set);
Result<void> writeTrackMate(const std::filesystem::path& xml, const TrackSet& set);
Result<void> writeGeff(const std::filesystem::path& folder, const TrackSet& set);

}  // namespace driftscope::cells
