#include <algorithm>

#include "core/cells/exchange/convert.h"
#include "core/cells/movie.h"
#include "core/io/plate_writer.h"

namespace driftscope::cells {
namespace {

using nlohmann::json;

/// The plate's pixel type for that of the images: the same when it can be, else the next that holds all values.
std::string storedType(const std::string& type) {
    if (type == "uint8" || type == "uint16" || type == "uint32") return type;
    return type == "bool" ? "uint8" : "float32";
}

Result<void> convertMovie(JobContext& job, const Movie& movie, const io::PlateFormat& format, double& done, double total) {
    io::TimeLapseInfo info = movie.lapse->info();
    const std::string type = storedType(info.pixelType);
    if (type == "float32" && info.pixelType != "float32" && info.pixelType != "float16")
        job.warn(fmt::format("Position {}: {} pixels are written as float32, which holds whole numbers up to 16777216 exactly.", movie.position, info.pixelType));
    DS_ASSIGN(const auto writer, io::PlateWriter::create(job.out("plate.zarr"), movie.position, info, type, format));
    for (std::int64_t t = 0; t < info.shape[0]; ++t)
        for (std::int64_t c = 0; c < info.shape[1]; ++c) {
            if (job.cancelled()) return JobContext::cancel();
            for (std::int64_t z = 0; z < info.shape[2]; ++z) {
                if (type == "uint32") {  // float32 would round large labels
                    DS_ASSIGN(const io::LabelImage labels, movie.lapse->labels(t, c, z));
                    DS_TRY(writer->writeLabels(t, c, z, labels));
                } else {
                    DS_ASSIGN(const io::FloatImage plane, movie.lapse->plane(t, c, z));
                    DS_TRY(writer->writePlane(t, c, z, plane));
                }
            }
            job.progress(++done, total, "stack");
        }
    return writer->flush();
}

}  // namespace

Result<json> convertImages(JobContext& job, const std::string& to) {
    const io::PlateFormat format{.version = to == "ome-zarr-0.5" ? io::OmeVersion::V05 : io::OmeVersion::V04,
                                 .sharded = job.params().flag("sharded"),
                                 .levels = static_cast<int>(job.params().integer("levels"))};
    if (format.sharded && format.version == io::OmeVersion::V04) return fail(ErrorCode::Usage, "OME-Zarr 0.4 has no shards.", "Choose to=ome-zarr-0.5, or sharded=false.");
    std::vector<std::string> warnings;
    DS_ASSIGN(const std::vector<Movie> movies, openMovies(job.params().text("input"), job.params().texts("positions"), warnings));
    for (const std::string& warning : warnings) job.warn(warning);
    std::error_code code;
    if (job.resuming()) std::filesystem::remove_all(job.out("plate.zarr"), code);  // its last stack may be incomplete
    double done = 0, total = 0;
    for (const Movie& movie : movies) total += static_cast<double>(movie.lapse->info().shape[0] * movie.lapse->info().shape[1]);
    json positions = json::array();
    for (const Movie& movie : movies) {
        if (auto converted = convertMovie(job, movie, format, done, total); !converted) return tl::unexpected(std::move(converted).error().during("while converting " + movie.position));
        positions.push_back({{"position", movie.position}, {"shape", movie.lapse->info().shape}, {"type", storedType(movie.lapse->info().pixelType)}});
    }
    return json{{"output", "plate.zarr"}, {"positions", positions}};
}

}  // namespace driftscope::cells
