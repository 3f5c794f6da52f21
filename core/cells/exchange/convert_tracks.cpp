#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/atomic_file.h"
#include "core/cells/exchange/convert.h"
#include "core/cells/exchange/ctc_write.h"
#include "core/cells/exchange/track_formats.h"
#include "core/cells/movie.h"
#include "core/io/plate_writer.h"

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kPlate = "tracks.zarr";

/// Sets with the images that belong to them; null without.
struct Pair {
    TrackSet set;
    std::shared_ptr<const io::TimeLapse> images;
};

/// Metres per unit of the names that microscopes use; 0 for others.
double metres(const std::string& unit) {
    constexpr std::pair<const char*, double> kUnits[] = {{"micrometer", 1e-6}, {"micron", 1e-6}, {"um", 1e-6}, {"µm", 1e-6}, {"nanometer", 1e-9}, {"nm", 1e-9}, {"millimeter", 1e-3}, {"mm", 1e-3}};
    for (const auto& [name, size] : kUnits)
        if (unit == name || unit == std::string(name) + "s") return size;
    return 0;
}

/// Brings positions in physical units to pixels: by the parameter, or by the images' scale.
Result<void> toPixels(JobContext& job, Pair& pair) {
    TrackSet& set = pair.set;
    PixelScale& scale = set.scale;
    if (pair.images && scale.x <= 0) {
        const io::TimeLapseInfo& info = pair.images->info();
        const double from = metres(info.unit[4]), to = metres(scale.spaceUnit);
        const double factor = set.inPixels ? 1.0 : from > 0 && to > 0 ? from / to : 0.0;
        if (factor > 0) {
            scale.z = info.scale[2] * factor, scale.y = info.scale[3] * factor, scale.x = info.scale[4] * factor;
            if (set.inPixels) scale.spaceUnit = info.unit[4];
        }
    }
    if (set.inPixels) return {};
    if (job.params().isSet("pixel_size")) scale.z = scale.y = scale.x = job.params().real("pixel_size");
    if (!(scale.x > 0)) {
        job.warn(fmt::format("Positions in {} are taken as pixels, because nobody says how large a pixel is: give pixel_size or the images.", scale.spaceUnit));
        return {};
    }
    for (Detection& cell : set.tracks.detections) {
        cell.x /= scale.x;
        cell.y /= scale.y;
        if (scale.z > 0) cell.z /= scale.z;
    }
    set.inPixels = true;
    return {};
}

Result<std::vector<Pair>> readPairs(JobContext& job) {
    DS_ASSIGN(std::vector<TrackSet> sets, readTrackSets(job.params().text("input")));
    std::vector<Pair> pairs;
    for (TrackSet& set : sets) {
        for (const std::string& warning : set.tracks.warnings) job.warn(warning);
        Pair& pair = pairs.emplace_back();
        pair.set = std::move(set);
        std::string position = job.params().text("position");
        if (job.params().isSet("images")) {
            std::vector<std::string> warnings;
            const std::string wanted = !pair.set.plate.empty() ? pair.set.tracks.fovName : position;
            DS_ASSIGN(const auto movies, openMovies(job.params().text("images"), wanted.empty() ? std::vector<std::string>{} : std::vector{wanted}, warnings));
            if (movies.size() > 1)
                return fail(ErrorCode::BadInput, fmt::format("{} has {} positions; it is unclear which one the tracks belong to.", job.params().text("images"), movies.size()),
                            fmt::format("Give one, as in position={}.", movies.front().position));
            pair.images = movies.front().lapse;
            position = movies.front().position;
        }
        if (pair.set.tracks.fovName.empty()) pair.set.tracks.fovName = position.empty() ? "A/1/0" : position;
        DS_TRY(toPixels(job, pair));
    }
    return pairs;
}

Result<TrackMasks> masksOf(const Pair& pair, double radius) {
    if (!pair.images) return TrackMasks::make(pair.set, 0, 0, 0, radius);
    const io::TimeLapseInfo& info = pair.images->info();
    return TrackMasks::make(pair.set, info.frames(), info.height(), info.width(), radius);
}

/// "tracks.csv", or with the position in it when there are several.
fs::path fileFor(const JobContext& job, const TrackSet& set, bool single, const std::string& ending) {
    std::string name = "tracks";
    if (!single) name += "-" + set.tracks.fovName;
    std::ranges::replace(name, '/', '-');
    return job.out(name + ending);
}

Result<std::string> writePlate(JobContext& job, const Pair& pair, const TrackMasks& masks) {
    io::TimeLapseInfo info;
    info.shape = {masks.frames(), 1, 1, masks.height(), masks.width()};
    info.channels = {{"tracks", 0xFFFFFF, 0, 0}};
    const PixelScale& scale = pair.set.scale;
    const double sizes[] = {scale.t, 1, scale.z, scale.y, scale.x};
    for (std::size_t axis = 0; axis < 5; ++axis) info.scale[axis] = sizes[axis] > 0 ? sizes[axis] : 1;
    info.unit = {scale.timeUnit, "", scale.spaceUnit, scale.spaceUnit, scale.spaceUnit};
    const fs::path plate = job.out(kPlate);
    std::error_code code;
    const bool exists = fs::exists(plate / pair.set.tracks.fovName / "0" / ".zarray", code);
    DS_ASSIGN(const auto writer, exists ? io::PlateWriter::open(plate, pair.set.tracks.fovName, info, "uint32") : io::PlateWriter::create(plate, pair.set.tracks.fovName, info, "uint32"));
    for (std::int64_t t = 0; t < masks.frames(); ++t) {
        if (job.cancelled()) return JobContext::cancel();
        DS_ASSIGN(const io::LabelImage image, masks.frame(t));
        DS_TRY(writer->writeLabels(t, 0, 0, image));
        job.progress(static_cast<double>(t + 1), static_cast<double>(masks.frames()), "frame");
    }
    DS_TRY(writer->flush());
    DS_TRY(writeTrackCsv(writer->folder() / "tracks.csv", pair.set));
    return std::string(kPlate);
}

/// Writes one set; returns the name of what it made.
Result<std::string> writeOne(JobContext& job, const Pair& pair, const std::string& to, bool single) {
    const TrackSet& set = pair.set;
    if (to == "tracks-csv") {
        const fs::path file = fileFor(job, set, single, ".csv");
        DS_TRY(writeTrackCsv(file, set));
        return file.filename().string();
    }
    if (to == "trackmate") {
        const fs::path file = fileFor(job, set, single, ".xml");
        DS_TRY(writeTrackMate(file, set));
        return file.filename().string();
    }
    if (to == "geff") {
        const fs::path folder = fileFor(job, set, single, ".geff");
        DS_TRY(writeGeff(folder, set));
        return folder.filename().string();
    }
    DS_ASSIGN(const TrackMasks masks, masksOf(pair, job.params().real("radius")));
    if (to == "tracks-plate") return writePlate(job, pair, masks);
    const fs::path folder = single ? job.out("01_RES") : fileFor(job, set, single, "_RES");
    DS_TRY(writeCtc(folder, set, masks, [&](std::int64_t t) -> Result<void> {
        if (job.cancelled()) return JobContext::cancel();
        job.progress(static_cast<double>(t + 1), static_cast<double>(masks.frames()), "frame");
        return {};
    }));
    return folder.filename().string();
}

}  // namespace

Result<json> convertTracks(JobContext& job, const std::string& to) {
    DS_ASSIGN(const std::vector<Pair> pairs, readPairs(job));
    json positions = json::array();
    std::size_t cells = 0, tracks = 0, all = 0, split = 0;
    for (const Pair& pair : pairs) {
        auto output = writeOne(job, pair, to, pairs.size() == 1);
        if (!output) return tl::unexpected(std::move(output).error().during("while converting " + pair.set.tracks.fovName));
        std::set<std::int64_t> ids;
        for (const Detection& cell : pair.set.tracks.detections) ids.insert(cell.trackId);
        positions.push_back({{"position", pair.set.tracks.fovName}, {"output", *output}, {"cells", pair.set.tracks.detections.size()}, {"tracks", ids.size()},
                             {"links", links(pair.set).size()}, {"divisions", divisions(pair.set)}});
        cells += pair.set.tracks.detections.size();
        tracks += ids.size();
        all += links(pair.set).size();
        split += divisions(pair.set);
    }
    return json{{"format", pairs.front().set.format}, {"output", positions[0]["output"]}, {"cells", cells}, {"tracks", tracks}, {"links", all}, {"divisions", split}, {"positions", positions}};
}

}  // namespace driftscope::cells
