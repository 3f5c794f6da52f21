#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/base/error.h"

namespace driftscope {

/// Dense row-major float32 matrix, rows x columns.
struct Matrix {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<float> values;

    Matrix() = default;
    Matrix(std::size_t r, std::size_t c) : rows(r), columns(c), values(r * c) {}
    std::span<const float> row(std::size_t r) const { return {values.data() + r * columns, columns}; }
    std::span<float> row(std::size_t r) { return {values.data() + r * columns, columns}; }
    float operator()(std::size_t r, std::size_t c) const { return values[r * columns + c]; }
    float& operator()(std::size_t r, std::size_t c) { return values[r * columns + c]; }
};

/// A column of names from a small set: codes[i] indexes categories; -1 means missing.
struct Categorical {
    std::vector<std::int32_t> codes;
    std::vector<std::string> categories;
    bool ordered = false;

    static Categorical fromTexts(const std::vector<std::string>& texts);  ///< categories sorted; empty text is missing
    std::string at(std::size_t row) const { return codes[row] < 0 ? std::string() : categories[static_cast<std::size_t>(codes[row])]; }
};

/// One column of obs. Float columns may hold NaN for "missing".
using Column = std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::uint8_t>, Categorical, std::vector<std::string>>;

std::size_t columnSize(const Column& column);
/// The value as a person reads it; empty when missing.
std::string columnText(const Column& column, std::size_t row);
/// The value as a number (bool 0/1, category code); NaN for missing and for text.
double columnNumber(const Column& column, std::size_t row);
bool isNumeric(const Column& column);

/// entity x step -> vector, in AnnData's shape: X (observations x features), obs, obsm, uns.
/// Rows are observations (a cell at a frame, a prompt at a layer and step, a topic of a run).
class EmbeddingTable {
  public:
    EmbeddingTable() = default;
    explicit EmbeddingTable(std::size_t rows) : rows_(rows) {}

    std::size_t rows() const { return rows_; }
    Matrix x;                                ///< may be empty (0 columns) when only obs was read
    std::vector<std::string> obsNames;       ///< unique row names; empty means "0", "1", …
    std::vector<std::string> varNames;       ///< feature names; empty means "0", "1", …
    nlohmann::json uns = nlohmann::json::object();

    /// Adds or replaces a column. Errors: length differs from rows().
    Result<void> setColumn(const std::string& name, Column column);
    Result<void> setMatrix(const std::string& name, Matrix matrix);  ///< obsm
    void removeColumn(const std::string& name);
    const Column* column(std::string_view name) const;  ///< null when absent
    const Matrix* matrix(std::string_view name) const;  ///< obsm; null when absent
    /// Columns in the order they were added, as they appear in files.
    const std::vector<std::string>& columnNames() const { return columnOrder_; }
    std::vector<std::string> matrixNames() const;

    /// Integer column by name, converting whole-number floats. Errors name the column when absent or not whole numbers.
    Result<std::vector<std::int64_t>> integers(std::string_view name) const;
    Result<std::vector<std::string>> texts(std::string_view name) const;
    Result<std::vector<double>> numbers(std::string_view name) const;

  private:
    std::size_t rows_ = 0;
    std::vector<std::string> columnOrder_;
    std::map<std::string, Column, std::less<>> columns_;
    std::map<std::string, Matrix, std::less<>> matrices_;
};

}  // namespace driftscope
