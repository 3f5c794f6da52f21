#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/cells/track_table.h"

namespace driftscope::cells {

/// The pixels of one cell in one frame: a bounding box with a bit per pixel, row by row.
struct CellPatch {
    int top = 0, left = 0, height = 0, width = 0;
    std::vector<bool> inside;  ///< height x width

    std::size_t area() const;
    bool contains(int y, int x) const;  ///< image coordinates
    /// Centroid in pixels, y then x; the patch is not empty.
    std::pair<double, double> centroid() const;
    bool operator==(const CellPatch&) const = default;
};

/// One correction of the tracks of one field of view. Track ids are those that the tracks have just before this edit.
struct TrackEdit {
    enum class Kind {
        Split,        ///< from frame t on, `track` becomes the new track `other`, which descends from nobody
        Merge,        ///< all of `other` becomes part of `track`; they share no frame
        Reparent,     ///< `track` descends from `other`; -1: from nobody
        DeleteTrack,  ///< `track` goes with all its cells
        DeleteCell,   ///< the cell of `track` in frame t goes
        Repaint,      ///< the cell of `track` in frame t is exactly `patch`; made if it was not there
    };
    Kind kind = Kind::Split;
    std::string fov;
    std::int64_t track = 0;
    std::int64_t other = -1;
    std::int64_t t = 0;
    CellPatch patch;

    std::string describe() const;  ///< "Cut track 17 before frame 20; the rest is track 45"
    nlohmann::json toJson() const;
    /// Errors: missing fields, an unknown kind, a patch whose runs do not fill its box.
    static Result<TrackEdit> fromJson(const nlohmann::json& json);
    bool operator==(const TrackEdit&) const = default;
};

/// The tracks of one field of view while they are corrected. Remembers for each cell what the source file calls it, so that
/// labels, masks and embeddings, which are stored under the source's names, still find it.
class EditedTracks {
  public:
    explicit EditedTracks(TrackTable source);

    /// Errors say what forbids the edit (a track that is not there, shared frames, a mother that outlives her daughter);
    /// nothing changes then.
    Result<void> apply(const TrackEdit& edit);

    const TrackTable& tracks() const { return tracks_; }
    /// Index of the source detection of each of tracks().detections; nothing for a cell that was painted new.
    const std::vector<std::optional<std::size_t>>& sources() const { return sources_; }
    /// The track id under which labels of each cell are kept: the source's, or that at the time it was painted.
    const std::vector<std::int64_t>& storedTracks() const { return stored_; }
    /// (track, frame) -> how its mask was painted last. Track ids as they are now.
    const std::map<std::pair<std::int64_t, std::int64_t>, CellPatch>& patches() const { return patches_; }
    /// A track id that neither the source nor any edit has used.
    std::int64_t freeTrackId() const { return largestTrack_ + 1; }
    /// Pairs that a person has cut: (before, after). Linking again must not join them.
    const std::vector<std::pair<std::int64_t, std::int64_t>>& cuts() const { return cuts_; }

  private:
    struct Extent {
        std::int64_t first = 0, last = 0, parent = -1;
    };
    std::optional<Extent> extent(std::int64_t track) const;
    Result<Extent> need(std::int64_t track) const;
    Result<void> split(const TrackEdit& edit);
    Result<void> merge(const TrackEdit& edit);
    Result<void> reparent(const TrackEdit& edit);
    Result<void> remove(const TrackEdit& edit, bool wholeTrack);
    Result<void> repaint(const TrackEdit& edit);
    void setParent(std::int64_t track, std::int64_t parent);
    void moveDaughters(std::int64_t from, std::int64_t to);
    void renamePatches(std::int64_t from, std::int64_t to, std::int64_t firstFrame);
    /// Daughters that begin before their mother has ended have lost her.
    void releaseEarlyDaughters(std::int64_t mother);
    void linkDetections();

    TrackTable tracks_;
    std::vector<std::optional<std::size_t>> sources_;
    std::vector<std::int64_t> stored_;
    std::map<std::pair<std::int64_t, std::int64_t>, CellPatch> patches_;
    std::vector<std::pair<std::int64_t, std::int64_t>> cuts_;
    std::int64_t largestTrack_ = 0;
    std::int64_t largestId_ = 0;
};

/// Which track ends and starts lie near enough in time and space to be one cell, best first: the edits that would link
/// them again after cuts and deletions. Only tracks in `among` (empty: all) are considered; pairs that were cut are not.
struct RelinkSettings {
    double maxDistance = 30;   ///< px
    std::int64_t gapFrames = 2;  ///< frames that may be missing
};
std::vector<TrackEdit> suggestLinks(const EditedTracks& tracks, const RelinkSettings& settings, std::span<const std::int64_t> among = {});

}  // namespace driftscope::cells
