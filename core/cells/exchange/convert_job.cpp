#include "core/cells/exchange/convert.h"
#include "core/cells/exchange/exchange_jobs.h"
#include "core/cells/exchange/track_formats.h"
#include "core/io/time_lapse.h"

namespace driftscope::cells {
namespace {

enum class Kind { Tracks, Images };

/// What a target is made of.
Kind kindOf(const std::string& to) {
    return to.starts_with("ome-zarr") ? Kind::Images : Kind::Tracks;
}

Result<nlohmann::json> convert(JobContext& job) {
    const std::filesystem::path input = job.params().text("input");
    const std::string to = job.params().text("to");
    std::error_code code;
    if (!std::filesystem::exists(input, code)) return fail(ErrorCode::NotFound, fmt::format("{} does not exist.", input.string()), "Check the path.");
    if (kindOf(to) == Kind::Images) return convertImages(job, to);
    if (!detectTracks(input) && io::listTimeLapses(input))
        return fail(ErrorCode::BadInput, fmt::format("{} holds images without tracks.", input.string()), "Choose ome-zarr-0.4 or ome-zarr-0.5, or make tracks first (cells.segment, cells.track).");
    return convertTracks(job, to);
}

std::vector<ParamSpec> params() {
    return {{.name = "input", .type = ParamType::Path, .fallback = nullptr,
             .help = "Tracks (plate of tracks, Cell Tracking Challenge folder, TrackMate XML, GEFF, btrack CSV or HDF5, CMSO package, CSV of ultrack, napari, CellProfiler or CellMIA) or "
                     "images (OME-Zarr 0.1 to 0.5, TIFF stack, folder of frames)."},
            {.name = "to", .type = ParamType::Choice, .fallback = nullptr,
             .help = "What to write: tracks as ultrack's CSV, as a plate with masks, for the Cell Tracking Challenge, as TrackMate XML or as GEFF; images as OME-Zarr.",
             .choices = {"tracks-csv", "tracks-plate", "ctc", "trackmate", "geff", "ome-zarr-0.4", "ome-zarr-0.5"}},
            {.name = "images", .type = ParamType::Path, .fallback = nullptr, .help = "The images that the tracks belong to: they give the size of masks, the position and the size of a pixel.", .optional = true},
            {.name = "position", .type = ParamType::Text, .fallback = "", .help = "Position of tracks in a plate, as in A/1/0; that of the images, or A/1/0, when empty."},
            {.name = "radius", .type = ParamType::Real, .fallback = 5.0, .help = "Radius of the discs drawn for cells whose outline is unknown.", .unit = "px", .minimum = 0.5, .maximum = 1000},
            {.name = "pixel_size", .type = ParamType::Real, .fallback = nullptr, .help = "Size of a pixel, for tracks in physical units that do not tell it.", .unit = "input units", .minimum = 1e-9, .optional = true},
            {.name = "positions", .type = ParamType::TextList, .fallback = nlohmann::json::array(), .help = "Only these positions of the images; all when empty."},
            {.name = "levels", .type = ParamType::Int, .fallback = 1, .help = "Resolutions of an image pyramid, each half as large as the one before.", .minimum = 1, .maximum = 16},
            {.name = "sharded", .type = ParamType::Bool, .fallback = false, .help = "OME-Zarr 0.5: one file per stack instead of one per chunk."}};
}

}  // namespace

void registerExchangeJobs(JobRegistry& registry) {
    registry.add({.name = "cells.convert",
                  .title = "Convert tracks and images",
                  .help = "Reads tracks and images of other programs, recognised by their content, and writes them in another format. Graphs (TrackMate, GEFF) keep merges; tables of tracks keep one "
                          "mother per cell and warn about the others.",
                  .params = params(),
                  .run = convert});
}

}  // namespace driftscope::cells
