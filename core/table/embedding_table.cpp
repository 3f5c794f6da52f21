#include "core/table/embedding_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace driftscope {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

template <class... F>
struct Overload : F... {
    using F::operator()...;
};

tl::unexpected<Error> absent(std::string_view name, const std::vector<std::string>& known) {
    return fail(ErrorCode::BadInput, fmt::format("The table has no column '{}'.", name),
                fmt::format("Its columns are {}.", fmt::join(known, ", ")));
}

}  // namespace

Categorical Categorical::fromTexts(const std::vector<std::string>& texts) {
    std::set<std::string> names(texts.begin(), texts.end());
    names.erase("");
    Categorical out;
    out.categories.assign(names.begin(), names.end());
    out.codes.reserve(texts.size());
    for (const std::string& text : texts) {
        if (text.empty()) {
            out.codes.push_back(-1);
            continue;
        }
        const auto found = std::lower_bound(out.categories.begin(), out.categories.end(), text);
        out.codes.push_back(static_cast<std::int32_t>(found - out.categories.begin()));
    }
    return out;
}

std::size_t columnSize(const Column& column) {
    return std::visit(Overload{[](const Categorical& c) { return c.codes.size(); }, [](const auto& v) { return v.size(); }}, column);
}

std::string columnText(const Column& column, std::size_t row) {
    return std::visit(Overload{[&](const std::vector<std::int64_t>& v) { return fmt::to_string(v[row]); },
                               [&](const std::vector<double>& v) { return std::isnan(v[row]) ? std::string() : fmt::format("{:.6g}", v[row]); },
                               [&](const std::vector<std::uint8_t>& v) { return std::string(v[row] ? "true" : "false"); },
                               [&](const Categorical& v) { return v.at(row); },
                               [&](const std::vector<std::string>& v) { return v[row]; }},
                      column);
}

double columnNumber(const Column& column, std::size_t row) {
    return std::visit(Overload{[&](const std::vector<std::int64_t>& v) { return static_cast<double>(v[row]); },
                               [&](const std::vector<double>& v) { return v[row]; },
                               [&](const std::vector<std::uint8_t>& v) { return static_cast<double>(v[row]); },
                               [&](const Categorical& v) { return v.codes[row] < 0 ? kMissing : static_cast<double>(v.codes[row]); },
                               [&](const std::vector<std::string>&) { return kMissing; }},
                      column);
}

bool isNumeric(const Column& column) {
    return std::holds_alternative<std::vector<std::int64_t>>(column) || std::holds_alternative<std::vector<double>>(column);
}

Result<void> EmbeddingTable::setColumn(const std::string& name, Column column) {
    if (columnSize(column) != rows_)
        return fail(ErrorCode::BadInput, fmt::format("Column '{}' has {} values, the table has {} rows.", name, columnSize(column), rows_),
                    "Give one value per row.");
    if (!columns_.contains(name)) columnOrder_.push_back(name);
    columns_[name] = std::move(column);
    return {};
}

Result<void> EmbeddingTable::setMatrix(const std::string& name, Matrix matrix) {
    if (matrix.rows != rows_)
        return fail(ErrorCode::BadInput, fmt::format("Matrix '{}' has {} rows, the table has {}.", name, matrix.rows, rows_), "Give one row per observation.");
    matrices_[name] = std::move(matrix);
    return {};
}

void EmbeddingTable::removeColumn(const std::string& name) {
    columns_.erase(name);
    std::erase(columnOrder_, name);
}

const Column* EmbeddingTable::column(std::string_view name) const {
    const auto found = columns_.find(name);
    return found == columns_.end() ? nullptr : &found->second;
}

const Matrix* EmbeddingTable::matrix(std::string_view name) const {
    const auto found = matrices_.find(name);
    return found == matrices_.end() ? nullptr : &found->second;
}

std::vector<std::string> EmbeddingTable::matrixNames() const {
    std::vector<std::string> names;
    for (const auto& [name, matrix] : matrices_) names.push_back(name);
    return names;
}

Result<std::vector<std::int64_t>> EmbeddingTable::integers(std::string_view name) const {
    const Column* found = column(name);
    if (!found) return absent(name, columnOrder_);
    std::vector<std::int64_t> out(rows_);
    for (std::size_t row = 0; row < rows_; ++row) {
        const double value = columnNumber(*found, row);
        if (!(std::abs(value) < 9e15) || value != std::floor(value))
            return fail(ErrorCode::BadInput, fmt::format("Column '{}' holds '{}' in row {}.", name, columnText(*found, row), row),
                        "It must hold whole numbers.");
        out[row] = static_cast<std::int64_t>(value);
    }
    return out;
}

Result<std::vector<std::string>> EmbeddingTable::texts(std::string_view name) const {
    const Column* found = column(name);
    if (!found) return absent(name, columnOrder_);
    std::vector<std::string> out(rows_);
    for (std::size_t row = 0; row < rows_; ++row) out[row] = columnText(*found, row);
    return out;
}

Result<std::vector<double>> EmbeddingTable::numbers(std::string_view name) const {
    const Column* found = column(name);
    if (!found) return absent(name, columnOrder_);
    std::vector<double> out(rows_);
    for (std::size_t row = 0; row < rows_; ++row) out[row] = columnNumber(*found, row);
    return out;
}

}  // namespace driftscope
