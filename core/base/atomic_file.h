#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace driftscope {

/// A temporary name in the folder of `target`, for writers that need a path (HDF5, TIFF).
std::filesystem::path temporaryBeside(const std::filesystem::path& target);

/// Flushes `temporary` to disk and renames it over `target`; removes it on failure. Readers see the old file or the
/// whole new one, never a part.
Result<void> commitFile(const std::filesystem::path& temporary, const std::filesystem::path& target);

/// Writes `content` to a temporary file in the same folder, flushes it and renames it over `target`.
Result<void> writeFileAtomically(const std::filesystem::path& target, std::string_view content);

/// The whole file as text. Errors: missing, unreadable.
Result<std::string> readFile(const std::filesystem::path& path);

/// Makes the folder and its parents. Errors name the folder.
Result<void> makeFolder(const std::filesystem::path& folder);

}  // namespace driftscope
