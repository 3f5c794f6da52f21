#include <fmt/format.h>

#include <set>

#include "core/cells/job_kinds.h"
#include "core/cells/job_progress.h"
#include "core/cells/movie.h"
#include "core/cells/segment.h"
#include "core/io/plate_writer.h"
#include "core/job/job_context.h"

namespace driftscope::cells {
namespace {

constexpr const char* kPlate = "labels.zarr";

std::size_t countLabels(const io::LabelImage& labels) {
    // segmentFrame numbers objects 1, 2, … without gaps.
    std::uint32_t highest = 0;
    for (const std::uint32_t label : labels.pixels) highest = std::max(highest, label);
    return highest;
}

/// Segments one movie from the frame after the last finished one. `counts` holds the objects of each finished frame.
Result<void> segmentMovie(JobContext& job, const Movie& movie, JobState& state, double& framesDone,
                          double framesTotal) {
    const auto info = movie.lapse->info();
    const auto settings = segmentSettings(job.params());
    DS_ASSIGN(const std::int64_t channel, findChannel(info, job.params().text("channel")));
    DS_ASSIGN(const SliceChoice slice, findSlice(info, job.params().text("z")));
    const bool begun = state.values().contains(movie.position);
    const auto plate = job.out(kPlate);
    // A position that was begun but whose checkpoint is lost is written again from its first frame.
    const bool exists = std::filesystem::exists(plate / movie.position / "0" / ".zarray");
    DS_ASSIGN(const auto writer,
              exists ? io::PlateWriter::open(plate, movie.position, maskInfo(movie, "labels"), "uint32")
                     : io::PlateWriter::create(plate, movie.position, maskInfo(movie, "labels"), "uint32"));
    auto& counts = state.values()[movie.position];
    if (!begun || !exists) counts = nlohmann::json::array();
    framesDone += static_cast<double>(counts.size());
    for (auto t = static_cast<std::int64_t>(counts.size()); t < info.frames(); ++t) {
        if (job.cancelled()) {
            DS_TRY(state.save(true));
            return JobContext::cancel();
        }
        DS_ASSIGN(const io::FloatImage frame, readFrame(*movie.lapse, t, channel, slice));
        DS_ASSIGN(const io::LabelImage labels, segmentFrame(frame, settings));
        DS_TRY(writer->writeLabels(t, 0, 0, labels));
        counts.push_back(countLabels(labels));
        job.metric("cells in " + movie.position, static_cast<double>(t), counts.back().get<double>());
        job.progress(++framesDone, framesTotal, "frame");
        DS_TRY(state.save());
    }
    return state.save(true);
}

Result<nlohmann::json> run(JobContext& job) {
    std::vector<std::string> warnings;
    DS_ASSIGN(const auto movies, openMovies(job.params().text("images"), job.params().texts("positions"), warnings));
    for (const std::string& warning : warnings) job.warn(warning);
    DS_ASSIGN(JobState state, JobState::load(job));
    double total = 0, done = 0;
    for (const Movie& movie : movies) total += static_cast<double>(movie.lapse->info().frames());
    std::size_t cells = 0, empty = 0;
    nlohmann::json positions = nlohmann::json::array();
    for (const Movie& movie : movies) {
        if (auto result = segmentMovie(job, movie, state, done, total); !result)
            return tl::unexpected(std::move(result).error().during("while segmenting " + movie.position));
        std::size_t here = 0;
        for (const auto& count : state.values()[movie.position])
            here += count.get<std::size_t>(), empty += count == 0 ? 1 : 0;
        positions.push_back(
            {{"position", movie.position}, {"cells", here}, {"cells_per_frame", state.values()[movie.position]}});
        cells += here;
    }
    if (empty) job.warn(fmt::format("{} of {:.0f} frames have no cells", empty, total));
    return nlohmann::json{
        {"labels", kPlate},      {"frames", total},
        {"cells", cells},        {"cells_per_frame", total > 0 ? static_cast<double>(cells) / total : 0.0},
        {"empty_frames", empty}, {"positions", positions}};
}

}  // namespace

JobKind segmentKind() {
    JobKind kind{
        .name = "cells.segment",
        .title = "Find cells",
        .help =
            "Separates cells from background in every frame and writes labels.zarr, an OME-Zarr plate of uint32 masks "
            "(0 is background, 1, 2, … the cells of that frame).",
        .params = {{.name = "images",
                    .type = ParamType::Path,
                    .fallback = nullptr,
                    .help = "An OME-Zarr plate or image, a TIFF stack, or a folder of TIFF frames."}},
        .run = run};
    for (auto& spec : movieParams()) kind.params.push_back(std::move(spec));
    for (auto& spec : segmentParams()) kind.params.push_back(std::move(spec));
    return kind;
}

}  // namespace driftscope::cells
