#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "core/cells/job_kinds.h"
#include "core/cells/job_progress.h"
#include "core/cells/link.h"
#include "core/cells/movie.h"
#include "core/cells/track_table.h"
#include "core/io/plate_writer.h"
#include "core/job/job_context.h"

namespace driftscope::cells {
namespace {

constexpr const char* kPlate = "tracks.zarr";

struct Pair {
    Movie images, labels;
};

/// Which labels belong to which images: by position, or the only one of each. Images without labels are reported.
Result<std::vector<Pair>> pairUp(JobContext& job) {
    std::vector<std::string> warnings;
    const std::filesystem::path imagePath = job.params().text("images"), labelPath = job.params().text("labels");
    DS_ASSIGN(const auto images, openMovies(imagePath, job.params().texts("positions"), warnings));
    DS_ASSIGN(const auto labels, openMovies(labelPath, {}, warnings));
    for (const std::string& warning : warnings) job.warn(warning);
    std::vector<Pair> pairs;
    for (const Movie& movie : images) {
        const auto found = std::ranges::find(labels, movie.position, &Movie::position);
        if (found != labels.end())
            pairs.push_back({movie, *found});
        else if (images.size() == 1 && labels.size() == 1)
            pairs.push_back({movie, labels.front()});
        else
            job.warn(
                fmt::format("Position {} is not tracked: {} has no labels for it", movie.position, labelPath.string()));
    }
    if (pairs.empty())
        return fail(ErrorCode::BadInput,
                    fmt::format("{} has no labels for any position of {}", labelPath.string(), imagePath.string()),
                    "Choose the labels that were made from these images.");
    for (const Pair& pair : pairs) {
        const auto &a = pair.images.lapse->info().shape, &b = pair.labels.lapse->info().shape;
        if (a[0] != b[0] || a[3] != b[3] || a[4] != b[4])
            return fail(
                ErrorCode::BadInput,
                fmt::format(
                    "Position {}: the images have {} frames of {} x {} px, the labels {} frames of {} x {} px ({}, {})",
                    pair.images.position, a[0], a[4], a[3], b[0], b[4], b[3], imagePath.string(), labelPath.string()),
                "Choose the labels that were made from these images.");
    }
    return pairs;
}

/// Reads one position frame by frame, links it and writes masks and table.
class PositionTracker {
  public:
    PositionTracker(JobContext& job, const Pair& pair, double& done, double total)
        : job_(job), pair_(pair), done_(done), total_(total) {}

    Result<nlohmann::json> run() {
        DS_ASSIGN(channel_, findChannel(pair_.images.lapse->info(), job_.params().text("channel")));
        DS_ASSIGN(slice_, findSlice(pair_.images.lapse->info(), job_.params().text("z")));
        Linker linker(linkSettings(job_.params()));
        const std::int64_t frames = pair_.images.lapse->info().frames();
        for (std::int64_t t = 0; t < frames; ++t) {
            if (job_.cancelled()) return JobContext::cancel();
            DS_ASSIGN(const io::FloatImage image, readFrame(*pair_.images.lapse, t, channel_, slice_));
            DS_ASSIGN(const io::LabelImage labels, mask(t));
            DS_TRY(linker.add(labels, &image));
            job_.progress(++done_, total_, "frame");
        }
        LinkResult result = linker.link();
        result.tracks.fovName = pair_.images.position;
        DS_TRY(writeMasks(result));
        DS_TRY(writeTracks(job_.out(kPlate) / pair_.images.position / "tracks.csv", result.tracks));
        return summary(result);
    }

  private:
    /// Other people's label stacks may have their own depth; objects of all slices are taken together.
    Result<io::LabelImage> mask(std::int64_t t) const {
        return readLabels(*pair_.labels.lapse, t, 0,
                          pair_.labels.lapse->info().depth() == 1 ? SliceChoice(0) : sliceOfLabels());
    }
    SliceChoice sliceOfLabels() const {
        return pair_.labels.lapse->info().depth() == pair_.images.lapse->info().depth() ? slice_ : SliceChoice();
    }

    Result<void> writeMasks(const LinkResult& result) {
        const auto plate = job_.out(kPlate);
        const auto info = maskInfo(pair_.images, "tracks");
        const bool exists = std::filesystem::exists(plate / pair_.images.position / "0" / ".zarray");
        DS_ASSIGN(const auto writer, exists ? io::PlateWriter::open(plate, pair_.images.position, info, "uint32")
                                            : io::PlateWriter::create(plate, pair_.images.position, info, "uint32"));
        for (std::size_t t = 0; t < result.trackOf.size(); ++t) {
            if (job_.cancelled()) return JobContext::cancel();
            DS_ASSIGN(const io::LabelImage labels, mask(static_cast<std::int64_t>(t)));
            DS_TRY(writer->writeLabels(static_cast<std::int64_t>(t), 0, 0, relabelled(labels, result.trackOf[t])));
            job_.metric("tracks in " + pair_.images.position, static_cast<double>(t),
                        static_cast<double>(result.trackOf[t].size()));
            job_.progress(++done_, total_, "frame");
        }
        return {};
    }

    nlohmann::json summary(const LinkResult& result) const {
        std::set<std::int64_t> tracks;
        for (const Detection& d : result.tracks.detections) tracks.insert(d.trackId);
        return {{"position", pair_.images.position},
                {"cells", result.tracks.detections.size()},
                {"tracks", tracks.size()},
                {"divisions", result.divisions},
                {"closed_gaps", result.closedGaps},
                {"removed_cells", result.removed},
                {"max_distance_px", result.maxDistance}};
    }

    JobContext& job_;
    const Pair& pair_;
    double& done_;
    double total_;
    std::int64_t channel_ = 0;
    SliceChoice slice_;
};

nlohmann::json total(const nlohmann::json& positions) {
    nlohmann::json sum = {{"tracks_plate", kPlate}, {"cells", 0},       {"tracks", 0},
                          {"divisions", 0},         {"closed_gaps", 0}, {"removed_cells", 0}};
    for (const auto& position : positions)
        for (const char* key : {"cells", "tracks", "divisions", "closed_gaps", "removed_cells"})
            sum[key] = sum[key].get<std::size_t>() + position[key].get<std::size_t>();
    const auto tracks = sum["tracks"].get<double>();
    sum["mean_track_length"] = tracks > 0 ? sum["cells"].get<double>() / tracks : 0.0;
    sum["positions"] = positions;
    return sum;
}

Result<nlohmann::json> run(JobContext& job) {
    DS_ASSIGN(const auto pairs, pairUp(job));
    DS_ASSIGN(JobState state, JobState::load(job));
    double frames = 0, done = 0;
    for (const Pair& pair : pairs) frames += 2 * static_cast<double>(pair.images.lapse->info().frames());
    nlohmann::json positions = nlohmann::json::array();
    for (const Pair& pair : pairs) {
        auto& finished = state.values()[pair.images.position];
        if (finished.is_null()) {
            auto result = PositionTracker(job, pair, done, frames).run();
            if (!result)
                return tl::unexpected(std::move(result).error().during("while tracking " + pair.images.position));
            finished = *result;
            DS_TRY(state.save(true));
        } else {
            done += 2 * static_cast<double>(pair.images.lapse->info().frames());
        }
        positions.push_back(finished);
    }
    return total(positions);
}

}  // namespace

JobKind trackKind() {
    JobKind kind{
        .name = "cells.track",
        .title = "Link cells into tracks",
        .help =
            "Links the cells of successive frames, closes gaps, finds divisions and writes tracks.zarr: masks whose "
            "pixel values "
            "are track ids, and tracks.csv in ultrack's columns beside each position.",
        .params = {{.name = "images",
                    .type = ParamType::Path,
                    .fallback = nullptr,
                    .help = "The movie: an OME-Zarr plate or image, a TIFF stack, or a folder of TIFF frames."},
                   {.name = "labels",
                    .type = ParamType::Path,
                    .fallback = nullptr,
                    .help = "Masks of the same frames, from cells.segment or any other tool (plate or TIFF)."}},
        .run = run};
    for (auto& spec : movieParams()) kind.params.push_back(std::move(spec));
    for (auto& spec : linkParams()) kind.params.push_back(std::move(spec));
    return kind;
}

}  // namespace driftscope::cells
