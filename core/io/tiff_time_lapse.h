#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/time_lapse.h"

namespace driftscope::io {

/// True for a file that ends in .tif or .tiff, in any case.
bool isTiffName(const std::filesystem::path& file);

/// The TIFF files directly in a folder in natural order; hidden files are left out. `others` counts the remaining files.
std::vector<std::filesystem::path> tiffFrames(const std::filesystem::path& folder, std::size_t& others);

/// A TIFF stack, or a folder of TIFF files of one frame each. Pages, samples (RGB) and descriptions (ImageJ, OME, tifffile)
/// become T, C, Z. `warnings` receives what was guessed. Errors: unequal sizes (file named), damage.
Result<std::shared_ptr<const TimeLapse>> openTiff(const std::filesystem::path& path, std::vector<std::string>& warnings);

}  // namespace driftscope::io
