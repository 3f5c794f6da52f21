#include <nlohmann/json.hpp>

#include "core/io/csv.h"
#include "core/io/json_access.h"
#include "core/topics/data/read_formats.h"

namespace driftscope::topics {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

Result<std::size_t> columnOf(const io::CsvTable& table, const std::string& name, const fs::path& file) {
    if (const auto column = table.find(name)) return *column;
    return fail(ErrorCode::BadInput, fmt::format("{} has no column '{}'.", file.string(), name), fmt::format("Its columns are: {}.", fmt::join(table.header, ", ")));
}

Result<std::optional<Split>> splitOf(const std::string& text, const std::string& place) {
    if (text.empty()) return std::optional<Split>();
    if (const auto split = splitFromName(text)) return split;
    return fail(ErrorCode::BadInput, fmt::format("{}: '{}' is not a split.", place, text), "Use train, val or test, or name another column with split_key.");
}

/// Numbers, text and truth values can be categories; lists cannot.
Result<std::string> plain(const json& value, const std::string& key, const std::string& place) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_null()) return std::string();
    if (value.is_number() || value.is_boolean()) return value.dump();
    return fail(ErrorCode::BadInput, fmt::format("{}: '{}' is a list or an object, not one value.", place, key), "Give every document one value per key.");
}

/// A text, or a list of tokens, which are joined by blanks.
Result<std::string> textOf(const json& value, const std::string& key, const std::string& place) {
    if (!value.is_array()) return plain(value, key, place);
    std::string text;
    for (const json& token : value) {
        if (!token.is_string()) return fail(ErrorCode::BadInput, fmt::format("{}: '{}' holds something other than text.", place, key), "Give a text or a list of words.");
        text += (text.empty() ? "" : " ") + token.get<std::string>();
    }
    return text;
}

}  // namespace

Result<RawCorpus> readCsvDocuments(const fs::path& file, const SourceOptions& options) {
    DS_ASSIGN(io::CsvTable table, io::readCsv(file));
    DS_ASSIGN(const std::size_t text, columnOf(table, options.textKey, file));
    std::vector<std::size_t> labels;
    RawCorpus corpus;
    for (const std::string& key : options.labelKeys) {
        DS_ASSIGN(const std::size_t column, columnOf(table, key, file));
        labels.push_back(column);
        corpus.levels.push_back(key);
    }
    const auto id = table.find(options.idKey);
    const auto split = table.find(options.splitKey);
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        auto& row = table.rows[i];
        const std::string place = fmt::format("{}, row {}", file.string(), i + 1);
        RawDocument document{id ? row[*id] : std::to_string(i), {}, static_cast<std::int64_t>(i), std::nullopt, {}};
        DS_ASSIGN(document.text, checkedText(std::move(row[text]), place, options));
        if (split) {
            DS_ASSIGN(document.split, splitOf(row[*split], place));
        }
        for (const std::size_t column : labels) {
            DS_ASSIGN(std::string label, checkedText(row[column], place, options));
            document.labels.push_back(std::move(label));
        }
        corpus.documents.push_back(std::move(document));
    }
    return corpus;
}

Result<RawCorpus> readJsonLines(const fs::path& file, const SourceOptions& options) {
    DS_ASSIGN(std::vector<std::string> lines, readLines(file));
    RawCorpus corpus;
    corpus.levels = options.labelKeys;
    std::vector<std::size_t> found(options.labelKeys.size(), 0);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].find_first_not_of(" \t") == std::string::npos) continue;
        const std::string place = fmt::format("{}, line {}", file.string(), i + 1);
        DS_ASSIGN(const std::string line, checkedText(std::move(lines[i]), place, options));
        DS_ASSIGN(const json record, io::parseJson(line, place));
        if (!record.is_object()) return fail(ErrorCode::BadInput, fmt::format("{} is not an object.", place), "Every line must be {\"text\": …}.");
        const json* text = io::member(record, options.textKey);
        if (!text) {
            std::vector<std::string> keys;
            for (const auto& [key, value] : record.items()) keys.push_back(key);
            return fail(ErrorCode::BadInput, fmt::format("{} has no '{}'.", place, options.textKey), fmt::format("Its keys are: {}. Name one with text_key.", fmt::join(keys, ", ")));
        }
        RawDocument document{std::to_string(i), {}, static_cast<std::int64_t>(i), std::nullopt, {}};
        DS_ASSIGN(document.text, textOf(*text, options.textKey, place));
        if (const json* id = io::member(record, options.idKey)) {
            DS_ASSIGN(document.id, plain(*id, options.idKey, place));
        }
        if (const json* split = io::member(record, options.splitKey)) {
            DS_ASSIGN(const std::string name, plain(*split, options.splitKey, place));
            DS_ASSIGN(document.split, splitOf(name, place));
        }
        for (std::size_t l = 0; l < options.labelKeys.size(); ++l) {
            const json* label = io::member(record, options.labelKeys[l]);
            found[l] += label != nullptr;
            DS_ASSIGN(std::string value, label ? plain(*label, options.labelKeys[l], place) : Result<std::string>(std::string()));
            document.labels.push_back(std::move(value));
        }
        corpus.documents.push_back(std::move(document));
    }
    for (std::size_t l = 0; l < found.size(); ++l) {
        if (found[l] == 0 && !corpus.documents.empty())
            return fail(ErrorCode::BadInput, fmt::format("No document of {} has '{}'.", file.string(), options.labelKeys[l]), "Check label_keys.");
        if (found[l] < corpus.documents.size()) corpus.notes.push_back(fmt::format("{} documents have no '{}'.", corpus.documents.size() - found[l], options.labelKeys[l]));
    }
    return corpus;
}

}  // namespace driftscope::topics
