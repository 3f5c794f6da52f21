#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/cells/track_table.h"
#include "core/io/image.h"

namespace driftscope::cells {

/// A link from a detection to its successor in time, by track ids; frames need not be adjacent (gaps).
struct MissedLink {
    std::int64_t frame = 0;  ///< of the later detection
    std::int64_t fromTrack = 0;
    std::int64_t toTrack = 0;  ///< differs from fromTrack at divisions
};

/// Agreement of two sets of tracks of one movie. "Reference" is whom the caller trusts.
struct TrackAgreement {
    std::size_t referenceDetections = 0, ourDetections = 0;
    std::size_t matched = 0;                       ///< pairs with IoU > 0.5 (one to one by definition)
    double meanIou = 0;                            ///< of the matched pairs
    std::size_t referenceLinks = 0, ourLinks = 0;  ///< links whose two ends are both matched
    std::size_t agreedLinks = 0;
    std::size_t referenceDivisions = 0, ourDivisions = 0, agreedDivisions = 0;
    std::vector<MissedLink> onlyReference, onlyOurs;

    double detectionRecall() const { return ratio(matched, referenceDetections); }
    double detectionPrecision() const { return ratio(matched, ourDetections); }
    double linkRecall() const { return ratio(agreedLinks, referenceLinks); }
    double linkPrecision() const { return ratio(agreedLinks, ourLinks); }
    std::string text() const;  ///< one line with all numbers

  private:
    static double ratio(std::size_t part, std::size_t whole) {
        return whole ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
    }
};

/// Compares tracks whose masks hold track ids. Masks are given frame by frame: reference[t], ours[t].
/// Links include those from a mother's last detection to her daughters' first. Errors: different frame counts or sizes.
Result<TrackAgreement> compareTracks(std::span<const io::LabelImage> reference, const TrackTable& referenceTracks,
                                     std::span<const io::LabelImage> ours, const TrackTable& ourTracks);

}  // namespace driftscope::cells
