#include "core/cells/csv_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cmath>

namespace driftscope::cells {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool isMissing(std::string_view text) {
    return text.empty() || text == "nan" || text == "NaN" || text == "NA" || text == "None" || text == "<NA>";
}

std::optional<double> parse(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

}  // namespace

Result<std::size_t> CsvFields::require(std::string_view column) const {
    if (const auto found = table_.find(column)) return *found;
    return fail(
        ErrorCode::BadInput,
        fmt::format("{} has no column '{}' (it has: {})", file_.string(), column, fmt::join(table_.header, ", ")),
        "Tracks need the columns track_id, t, y, x and id, as ultrack writes them.");
}

Result<double> CsvFields::number(std::size_t row, std::size_t column) const {
    if (const auto value = parse(trimmed(text(row, column)))) return *value;
    return fail(ErrorCode::BadInput, fmt::format("{}: '{}' is not a number", place(row, column), text(row, column)),
                "Correct or remove this row.");
}

Result<std::int64_t> CsvFields::integer(std::size_t row, std::size_t column) const {
    DS_ASSIGN(const double value, number(row, column));
    if (value == std::floor(value) && std::abs(value) < 9.0e15) return static_cast<std::int64_t>(value);
    return fail(ErrorCode::BadInput,
                fmt::format("{}: '{}' is not a whole number", place(row, column), text(row, column)),
                "Correct or remove this row.");
}

Result<std::int64_t> CsvFields::integerOr(std::size_t row, std::optional<std::size_t> column,
                                          std::int64_t missing) const {
    if (!column || isMissing(trimmed(text(row, *column)))) return missing;
    return integer(row, *column);
}

std::string CsvFields::place(std::size_t row, std::size_t column) const {
    return fmt::format("{}, column '{}'", place(row), table_.header[column]);
}

std::string CsvFields::place(std::size_t row) const {
    return fmt::format("{}, line {}", file_.string(), row + 2);
}

}  // namespace driftscope::cells
