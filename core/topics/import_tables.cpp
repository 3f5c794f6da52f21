#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "core/io/csv.h"
#include "core/topics/import_run.h"

namespace driftscope::topics {
namespace {

std::optional<double> numberOf(std::string_view text) {
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

Result<double> cell(const io::CsvTable& table, std::size_t row, std::size_t column, const std::filesystem::path& file) {
    if (const auto value = numberOf(table.rows[row][column])) return *value;
    return fail(ErrorCode::BadInput, fmt::format("{}, row {}, column '{}': '{}' is not a finite number.", file.string(), row + 1, table.header[column], table.rows[row][column]), "Write plain numbers.");
}

/// Columns in which every row holds a number.
std::vector<std::size_t> numericColumns(const io::CsvTable& table) {
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < table.header.size(); ++c)
        if (std::all_of(table.rows.begin(), table.rows.end(), [&](const auto& row) { return numberOf(row[c]).has_value(); })) columns.push_back(c);
    return columns;
}

Result<ImportedWords> readLong(const io::CsvTable& table, std::size_t topic, std::size_t word, std::size_t weight, const std::filesystem::path& file) {
    ImportedWords words;
    std::unordered_map<std::string, std::uint32_t> idOf;
    std::vector<std::size_t> topics;
    std::size_t count = 0;
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        DS_ASSIGN(const double number, cell(table, r, topic, file));
        if (number < 0 || number > 65534 || number != std::floor(number))
            return fail(ErrorCode::BadInput, fmt::format("{}, row {}: '{}' is not a topic number.", file.string(), r + 1, table.rows[r][topic]), "Number topics from 0.");
        topics.push_back(static_cast<std::size_t>(number));
        count = std::max(count, topics.back() + 1);
        if (idOf.try_emplace(table.rows[r][word], static_cast<std::uint32_t>(words.vocabulary.size())).second) words.vocabulary.push_back(table.rows[r][word]);
    }
    words.beta = Matrix(count, words.vocabulary.size());
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        DS_ASSIGN(const double value, cell(table, r, weight, file));
        words.beta(topics[r], idOf[table.rows[r][word]]) = static_cast<float>(value);
    }
    return words;
}

}  // namespace

Result<ImportedWords> readWordTable(const std::filesystem::path& file) {
    DS_ASSIGN(const io::CsvTable table, io::readCsv(file));
    if (table.rows.empty()) return fail(ErrorCode::BadInput, fmt::format("{} has a header only.", file.string()), "Give a row per topic.");
    const auto topic = table.find("topic");
    const auto word = table.find("word") ? table.find("word") : table.find("term");
    for (const char* name : {"weight", "prob", "probability"})
        if (const auto weight = table.find(name); weight && topic && word) return readLong(table, *topic, *word, *weight, file);
    ImportedWords words;
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < table.header.size(); ++c) {
        // A first column of row names, as pandas writes.
        if (c == 0 && (table.header[c].empty() || table.header[c] == "topic")) continue;
        columns.push_back(c);
        words.vocabulary.push_back(table.header[c]);
    }
    words.beta = Matrix(table.rows.size(), columns.size());
    for (std::size_t r = 0; r < table.rows.size(); ++r)
        for (std::size_t c = 0; c < columns.size(); ++c) {
            DS_ASSIGN(const double value, cell(table, r, columns[c], file));
            words.beta(r, c) = static_cast<float>(value);
        }
    return words;
}

Result<ImportedDocuments> readDocumentTable(const std::filesystem::path& file) {
    DS_ASSIGN(const io::CsvTable table, io::readCsv(file));
    if (table.rows.empty()) return fail(ErrorCode::BadInput, fmt::format("{} has a header only.", file.string()), "Give a row per document.");
    std::vector<std::size_t> columns = numericColumns(table);
    ImportedDocuments documents;
    // The document's name or number, as pandas and MALLET's converters write it.
    const auto names = [&](std::size_t c) { return c == 0 && (table.header[0].empty() || table.header[0] == "id" || table.header[0] == "doc" || table.header[0] == "document"); };
    const bool named = columns.empty() || columns[0] != 0 || names(0);
    if (named) {
        for (const auto& row : table.rows) documents.ids.push_back(row[0]);
        std::erase(columns, std::size_t{0});
    }
    if (columns.size() + named != table.header.size()) {
        for (std::size_t c = named; c < table.header.size(); ++c)
            for (std::size_t r = 0; r < table.rows.size(); ++r) DS_TRY(cell(table, r, c, file));
    }
    documents.theta = Matrix(table.rows.size(), columns.size());
    for (std::size_t r = 0; r < table.rows.size(); ++r)
        for (std::size_t c = 0; c < columns.size(); ++c) documents.theta(r, c) = static_cast<float>(*numberOf(table.rows[r][columns[c]]));
    return documents;
}

}  // namespace driftscope::topics
