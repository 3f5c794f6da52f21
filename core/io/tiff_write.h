#pragma once

#include <filesystem>

#include "core/base/error.h"
#include "core/io/image.h"

namespace driftscope::io {

/// Writes one page of 16-bit labels, LZW compressed, atomically. Errors: a label above 65535 (its place is named), unwritable.
Result<void> writeTiffLabels(const std::filesystem::path& path, const LabelImage& labels);

}  // namespace driftscope::io
