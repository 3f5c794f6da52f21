#pragma once

#include <filesystem>
#include <memory>

#include "core/label/sqlite.h"

namespace driftscope::label {

/// Opens a label file for writing, makes or migrates its tables, and checks it.
/// Errors: damaged, not a label file, made by a newer version.
Result<std::unique_ptr<sqlite::Database>> openForWriting(const std::filesystem::path& file);
/// Opens an existing label file for reading, also on read-only media.
Result<std::unique_ptr<sqlite::Database>> openForReading(const std::filesystem::path& file);

}  // namespace driftscope::label
