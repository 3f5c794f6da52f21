#include "core/table/row_judge.h"

#include <algorithm>
#include <charconv>

namespace driftscope {
namespace {

using nlohmann::json;

class ScoreJudge final : public RowJudge {
  public:
    ScoreJudge(std::shared_ptr<const EmbeddingTable> table, std::string name, std::string yes, std::vector<double> scores)
        : table_(std::move(table)), name_(std::move(name)), yes_(std::move(yes)), scores_(std::move(scores)) {}

    std::string question() const override { return yes_.empty() ? name_ : fmt::format("{} is {}", name_, yes_); }

    Result<double> probability(std::size_t row) const override {
        if (row >= scores_.size()) return fail(ErrorCode::BadInput, fmt::format("The table has no row {}.", row), fmt::format("It has {} rows, counted from 0.", scores_.size()));
        const double p = scores_[row];
        if (!(p >= 0 && p <= 1))
            return fail(ErrorCode::BadInput, fmt::format("Row {} has the score {} in '{}', which is not a probability.", row, p, name_), "Scores must lie between 0 and 1.");
        return p;
    }

    json describe() const override { return {{"kind", "scores"}, {"scores", name_}, {"yes", yes_}}; }

  private:
    std::shared_ptr<const EmbeddingTable> table_;
    std::string name_, yes_;
    std::vector<double> scores_;
};

Result<std::size_t> classIndex(const EmbeddingTable& table, const std::string& name, std::size_t columns, const std::string& yes) {
    std::string key = name + "_classes";
    if (!table.uns.contains(key) && name.ends_with("_proba")) key = name.substr(0, name.size() - 6) + "_classes";
    const json classes = table.uns.value(key, json::array());
    if (!classes.is_array() || classes.size() != columns)
        return fail(ErrorCode::BadInput, fmt::format("The table does not say which class each column of '{}' is.", name), fmt::format("uns['{}'] must list {} names.", key, columns));
    std::vector<std::string> names;
    for (const json& one : classes) names.push_back(one.is_string() ? one.get<std::string>() : one.dump());
    const auto found = std::ranges::find(names, yes);
    if (found == names.end()) return fail(ErrorCode::BadInput, fmt::format("'{}' is no class of '{}'.", yes, name), fmt::format("Its classes are {}.", fmt::join(names, ", ")));
    return static_cast<std::size_t>(found - names.begin());
}

bool sameValue(const Column& column, std::size_t row, const json& wanted) {
    const std::string text = columnText(column, row);
    if (wanted.is_string()) return text == wanted.get<std::string>() || text == "/" + wanted.get<std::string>() || "/" + text == wanted.get<std::string>();
    return wanted.is_number() ? columnNumber(column, row) == wanted.get<double>() : text == wanted.dump();
}

Result<std::size_t> rowOfValues(const EmbeddingTable& table, const json& wanted) {
    std::vector<std::size_t> found;
    for (const auto& item : wanted.items())
        if (!table.column(item.key()))
            return fail(ErrorCode::BadInput, fmt::format("The table has no column '{}'.", item.key()), fmt::format("Its columns are {}.", fmt::join(table.columnNames(), ", ")));
    for (std::size_t row = 0; row < table.rows(); ++row)
        if (std::ranges::all_of(wanted.items(), [&](const auto& item) { return sameValue(*table.column(item.key()), row, item.value()); })) found.push_back(row);
    if (found.size() == 1) return found.front();
    return fail(ErrorCode::BadInput, fmt::format("{} rows of the table have {}.", found.empty() ? "No" : fmt::to_string(found.size()), wanted.dump()), "Give values that fit exactly one row.");
}

}  // namespace

Result<std::unique_ptr<RowJudge>> scoreJudge(std::shared_ptr<const EmbeddingTable> table, const std::string& name, const std::string& yes) {
    std::vector<double> scores(table->rows());
    if (const Matrix* matrix = table->matrix(name)) {
        DS_ASSIGN(const std::size_t column, classIndex(*table, name, matrix->columns, yes));
        for (std::size_t row = 0; row < scores.size(); ++row) scores[row] = (*matrix)(row, column);
        return std::make_unique<ScoreJudge>(std::move(table), name, yes, std::move(scores));
    }
    const Column* column = table->column(name);
    if (!column || !isNumeric(*column))
        return fail(ErrorCode::BadInput, fmt::format("The table has no scores '{}'.", name),
                    fmt::format("Name a numeric column ({}) or a matrix of obsm ({}).", fmt::join(table->columnNames(), ", "), fmt::join(table->matrixNames(), ", ")));
    for (std::size_t row = 0; row < scores.size(); ++row) scores[row] = columnNumber(*column, row);
    return std::make_unique<ScoreJudge>(std::move(table), name, std::string(), std::move(scores));
}

Result<std::size_t> findRow(const EmbeddingTable& table, const json& name) {
    if (name.is_object()) return rowOfValues(table, name);
    const std::string text = name.is_string() ? name.get<std::string>() : name.dump();
    const auto found = std::ranges::find(table.obsNames, text);
    if (name.is_string() && found != table.obsNames.end()) return static_cast<std::size_t>(found - table.obsNames.begin());
    std::size_t row = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), row);
    if (code == std::errc() && end == text.data() + text.size() && row < table.rows()) return row;
    return fail(ErrorCode::BadInput, fmt::format("The table has no row {}.", name.dump()),
                fmt::format("Give a row number from 0 to {}, a row's name, or an object such as {{\"track_id\": 3, \"t\": 12}}.", table.rows() == 0 ? 0 : table.rows() - 1));
}

}  // namespace driftscope
