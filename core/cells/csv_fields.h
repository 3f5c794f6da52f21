#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/io/csv.h"

namespace driftscope::cells {

/// Reads typed fields of a CSV file, with errors that name file, line and column.
class CsvFields {
  public:
    CsvFields(const std::filesystem::path& file, const io::CsvTable& table) : file_(file), table_(table) {}

    /// Errors: the file has no such column (the present ones are listed).
    Result<std::size_t> require(std::string_view column) const;
    const std::string& text(std::size_t row, std::size_t column) const { return table_.rows[row][column]; }

    /// A finite number. Errors: empty, not a number, not finite.
    Result<double> number(std::size_t row, std::size_t column) const;
    /// A whole number; "3.0" counts, as pandas writes integer columns that once held a gap.
    Result<std::int64_t> integer(std::size_t row, std::size_t column) const;
    /// The same, where an empty field, "nan" or an absent column give `missing`.
    Result<std::int64_t> integerOr(std::size_t row, std::optional<std::size_t> column, std::int64_t missing) const;

    /// "tracks.csv, line 12, column 't'"; lines as an editor counts them when no field holds a line break.
    std::string place(std::size_t row, std::size_t column) const;
    std::string place(std::size_t row) const;

  private:
    const std::filesystem::path& file_;
    const io::CsvTable& table_;
};

}  // namespace driftscope::cells
