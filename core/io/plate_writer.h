#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/io/image.h"
#include "core/io/plate_format.h"
#include "core/io/time_lapse.h"

namespace driftscope::io {

/// Writes one position of an OME-Zarr HCS plate (v0.4 with Zarr v2 or v0.5 with Zarr v3; Blosc zstd level 1 bit-shuffle, '/'
/// separator, TCZYX), as iohub does. Several positions may be added to one plate; plate and well metadata are kept current.
class PlateWriter {
  public:
    virtual ~PlateWriter() = default;

    /// `position` is "row/column/fov", for example "A/1/0". `info` gives shape, channels and scale; `type` is "uint8",
    /// "uint16", "uint32" or "float32". Errors: the position exists, bad names, a plate of another version, unwritable folder.
    static Result<std::unique_ptr<PlateWriter>> create(const std::filesystem::path& plate, const std::string& position,
                                                       const TimeLapseInfo& info, const std::string& type, const PlateFormat& format = {});

    /// Opens a position that create() made, to write further planes: a resumed job goes on where it stopped. Errors: the
    /// position does not exist, or its shape or pixel type differ from `info` and `type` (both named).
    static Result<std::unique_ptr<PlateWriter>> open(const std::filesystem::path& plate, const std::string& position,
                                                     const TimeLapseInfo& info, const std::string& type, const PlateFormat& format = {});

    /// Values are rounded and checked against the pixel type's range. Lower resolutions average pixels and pick labels. Planes
    /// of one z-stack share chunks: they are on disk once all of the stack came, another stack is begun, or flush() is called.
    virtual Result<void> writePlane(std::int64_t t, std::int64_t c, std::int64_t z, const FloatImage& image) = 0;
    virtual Result<void> writeLabels(std::int64_t t, std::int64_t c, std::int64_t z, const LabelImage& image) = 0;
    /// Writes an incomplete z-stack (missing planes are 0). Call it at the end: the destructor flushes too, but cannot report.
    virtual Result<void> flush() = 0;
    /// The folder of this position, where tracks.csv goes.
    virtual std::filesystem::path folder() const = 0;
};

}  // namespace driftscope::io
