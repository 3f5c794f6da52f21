#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/base/error.h"
#include "core/base/params.h"
#include "core/cells/regions.h"
#include "core/cells/track_table.h"
#include "core/io/image.h"

namespace driftscope::cells {

/// How objects of successive frames become tracks. linkParams() declares the same values as job parameters.
struct LinkSettings {
    double maxDistance = 0;        ///< px an object may move between frames; 0: 1.5 x the median diameter
    double areaWeight = 0.3;       ///< cost of a change of area by a factor e
    double intensityWeight = 0.3;  ///< cost of a change of mean intensity by a factor e
    double overlapWeight = 0.5;    ///< cost of not overlapping at all
    int gapFrames = 2;             ///< frames an object may be missing
    bool divisions = true;
    double divisionBalance = 0.5;  ///< the dimmer daughter has at least this part of the brighter one's total intensity
    double divisionTolerance =
        0.4;                    ///< daughters together differ from the mother's total intensity by at most this part
    int minDaughterFrames = 2;  ///< a daughter lives at least this long (unless the movie ends)
    int minTrackFrames = 1;     ///< shorter tracks are removed from table and masks
};

/// What linking made of a movie.
struct LinkResult {
    TrackTable tracks;                                            ///< fovName left empty
    std::vector<std::map<std::uint32_t, std::uint32_t>> trackOf;  ///< per frame: label -> track id; absent: removed
    double maxDistance = 0;                                       ///< the distance that was used, px
    std::size_t divisions = 0;
    std::size_t closedGaps = 0;
    std::size_t removed = 0;  ///< detections of tracks that were too short
};

/// Collects the objects of a movie frame by frame, keeping measurements but only the last mask, then links them:
/// a global assignment for each pair of frames, then one for track starts (gap, division or new). A mother's track ends
/// where its daughters' begin and both name it as parent, as in ultrack. Deterministic.
class Linker {
  public:
    explicit Linker(LinkSettings settings) : settings_(settings) {}

    /// The next frame; `image` may be null (then area stands in for intensity). Errors: sizes differ.
    Result<void> add(const io::LabelImage& labels, const io::FloatImage* image);
    std::size_t frames() const { return frames_.size(); }
    LinkResult link() const;

  private:
    LinkSettings settings_;
    std::vector<std::vector<Region>> frames_;
    std::vector<std::vector<Overlap>> overlaps_;  ///< with the frame before
    io::LabelImage last_;
};

/// The mask with pixel value = track id; labels without a track become background.
io::LabelImage relabelled(const io::LabelImage& labels, const std::map<std::uint32_t, std::uint32_t>& trackOf);

std::vector<ParamSpec> linkParams();
LinkSettings linkSettings(const Params& params);

}  // namespace driftscope::cells
