#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/cells/track_table.h"
#include "core/table/embedding_table.h"

namespace driftscope::cells {

/// From one cell to what it became: ids of detections.
using CellLink = std::pair<std::int64_t, std::int64_t>;

/// Physical size of one frame and one pixel; 0 when the file does not say.
struct PixelScale {
    double t = 0, z = 0, y = 0, x = 0;
    std::string timeUnit, spaceUnit;  ///< "minute", "micrometer"
};

/// A cell's boundary in pixels, x then y of each corner; pixel centres are whole numbers.
using Contour = std::vector<std::array<double, 2>>;

/// The cells and links of one field of view as a tracking program wrote them, with what a table of tracks cannot hold.
struct TrackSet {
    std::string format;  ///< "TrackMate XML": where it came from
    TrackTable tracks;
    /// Further mothers of cells that merged: a track has one.
    std::vector<CellLink> furtherLinks;
    std::vector<std::pair<std::string, Column>> columns;  ///< other properties, one value per detection
    PixelScale scale;
    bool inPixels = true;               ///< false: coordinates are in scale.spaceUnit, and nobody said how large a pixel is
    std::int64_t frames = 0;            ///< of the movie; 0 when the file does not say, as below
    std::int64_t height = 0, width = 0;
    std::vector<Contour> contours;      ///< one per detection, or none at all
    std::vector<double> radii;          ///< in pixels, one per detection, or none at all
    std::vector<std::filesystem::path> masks;  ///< one label image per frame (empty: none), pixel value == track id
    std::filesystem::path plate;               ///< or the plate with the masks of tracks.fovName
};

/// All links: along tracks, from mothers to daughters, and the further ones. In the order of detections.
std::vector<CellLink> links(const TrackSet& set);
/// Cells with two or more links away from them.
std::size_t divisions(const TrackSet& set);

/// Groups linked cells into tracks: one begins where a cell has no mother, or a mother with several daughters. Ids of the
/// detections are kept; tracks are numbered from 1 by first frame. Of several mothers the nearest in time, then in space, is
/// kept, and the others become furtherLinks (a warning says how many).
/// Errors: an id that is there twice, links to unknown cells or not forward in time.
Result<void> assignTracks(TrackSet& set, const std::vector<CellLink>& cellLinks);

/// What every reader checks at the end: no track twice in a frame, no track that descends from itself, finite coordinates.
Result<void> checkTracks(const TrackSet& set, const std::string& place);

}  // namespace driftscope::cells
