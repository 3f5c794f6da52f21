#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.h"
#include "core/io/plate_format.h"
#include "core/io/time_lapse.h"

namespace driftscope::io {

/// Row, column and field of "A/1/0".
struct PlatePosition {
    std::string row;
    std::string column;
    std::string field;
};

/// Errors: not three parts, or a part that is not letters, digits, '-', '_' or '.' (the format allows letters and digits).
Result<PlatePosition> parsePosition(const std::string& position);

/// Adds a position to the metadata of a plate, making the plate's folder, rows and wells as needed.
/// Errors: the folder exists and is no plate, or a plate of the other version.
Result<void> addToPlate(const std::filesystem::path& plate, const PlatePosition& position, OmeVersion version);

/// Writes the attributes of one image: axes, channels, and the scale of each of its resolutions.
Result<void> writeImageAttributes(const std::filesystem::path& image, const TimeLapseInfo& info, const PlateFormat& format);

}  // namespace driftscope::io
