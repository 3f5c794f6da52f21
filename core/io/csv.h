#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace driftscope::io {

/// A comma-separated table as text, RFC 4180 (quotes, embedded newlines, CRLF, UTF-8 BOM accepted).
struct CsvTable {
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;  ///< each as long as the header

    std::optional<std::size_t> find(std::string_view column) const;
};

/// Errors name file, line and column: ragged rows, unterminated quote, no header, duplicate column names.
/// Other programs separate by tabs, semicolons or spaces.
Result<CsvTable> readCsv(const std::filesystem::path& path, char separator = ',');
/// Atomic; quotes only where needed; '\n' line ends.
Result<void> writeCsv(const std::filesystem::path& path, const CsvTable& table);

}  // namespace driftscope::io
