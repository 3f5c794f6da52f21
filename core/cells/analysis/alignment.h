#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/embed/dtw.h"
#include "core/embed/pca.h"
#include "core/table/embedding_table.h"

namespace driftscope::cells {

/// Features made comparable over data sets, as VisCy prepares them for alignment: z-scores within each data set (a standard
/// deviation below 1e-10 counts as 1), principal components of all rows together, rows scaled to length 1.
/// `dataset` is one number per row; 0 components keeps all features. Errors: fewer than two rows.
Result<Matrix> alignmentSpace(const Matrix& features, std::span<const std::int32_t> dataset, std::size_t components);

/// The typical course of an event: one point per step.
struct EventTemplate {
    embed::Series steps;                ///< rows of length 1
    std::vector<double> fromEvent;      ///< mean frames from the event at each step
    std::size_t tracks = 0;             ///< that it averages
    std::size_t iterations = 0;
    std::string medoid;                 ///< entity of the track it began with

    nlohmann::json toJson() const;
    static Result<EventTemplate> fromJson(const nlohmann::json& json);
};

/// One candidate course around its event.
struct EventCourse {
    std::string entity;
    embed::Series steps;
    std::vector<double> fromEvent;  ///< frames from the event, one per step
};
/// DBA of the courses (dtw.h). Errors: no course.
Result<EventTemplate> makeTemplate(std::span<const EventCourse> courses);

enum class AlignedRegion { Pre, Aligned, Post };

/// Where and how fast a track runs through the template.
struct TrackAlignment {
    double value = 0;           ///< subsequence DTW cost over the template's length
    double normalizedCost = 0;  ///< value over the path's length, as VisCy
    double skew = 0;            ///< 0 when the path is straight
    std::size_t begin = 0, end = 0;      ///< matched steps of the track
    std::vector<double> pseudotime;      ///< 0 before the segment, 1 after it; last matched step over (steps - 1) within
    std::vector<double> speed;           ///< central difference of pseudotime
    std::vector<AlignedRegion> region;
    std::vector<double> templateTime;    ///< fromEvent of the matched step; NaN outside of the segment
};
/// Errors: empty track, other dimensions.
Result<TrackAlignment> alignTrack(const EventTemplate& pattern, const embed::Series& track, double penalty = 0.1);

/// Mean L1 deviation of a path from the straight line between its ends, over the longer of the two series.
double pathSkew(const embed::WarpingPath& path, std::size_t first, std::size_t second);

/// The first method of the DynaCLR paper (VisCy v0.4.1): a reference window slides over a track in strides; cosine distances,
/// classic DTW, distance per step of the path; skewed paths are dropped, the best few are kept.
struct WindowMatch {
    std::size_t begin = 0;   ///< first step of the window in the track
    double distance = 0;     ///< summed cosine distance over path length
    double skew = 0;
    embed::WarpingPath path; ///< (step of the reference, step of the track)
};
struct WindowOptions {
    double stride = 0.25;       ///< of the reference's length
    double largestSkew = 0.8;
    std::size_t keep = 5;
};
/// Best first: by distance, then skew. Empty when the track is shorter than the reference or every path is too skewed.
Result<std::vector<WindowMatch>> windowMatches(const embed::Series& reference, const embed::Series& track, const WindowOptions& options = {});
/// Pseudotime of every step: the mean over the matches that cover it, weighted by 1 / distance; outside of all matches 0 before the
/// first and 1 after the last, and NaN in between.
std::vector<double> consensusPseudotime(std::span<const WindowMatch> matches, std::size_t referenceSteps, std::size_t trackSteps);

}  // namespace driftscope::cells
