#include "core/io/csv.h"

#include <algorithm>
#include <set>

#include "core/base/atomic_file.h"

namespace driftscope::io {
namespace {

/// Reads records off a text and knows the line it stands in.
class Scanner {
  public:
    Scanner(std::string_view text, std::string place, char separator) : text_(text), place_(std::move(place)), separator_(separator) {
        if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    }

    bool atEnd() const { return at_ >= text_.size(); }
    std::size_t line() const { return line_; }  ///< of the next record, from 1

    /// Steps over an empty line.
    bool skipBlank() {
        if (text_[at_] != '\r' && text_[at_] != '\n') return false;
        endLine();
        return true;
    }

    Result<std::vector<std::string>> record() {
        std::vector<std::string> fields;
        do {
            DS_ASSIGN(std::string field, this->field());
            fields.push_back(std::move(field));
        } while (consume(separator_));
        endLine();
        return fields;
    }

  private:
    bool consume(char c) {
        if (atEnd() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    void endLine() {
        consume('\r');
        consume('\n');
        ++line_;
    }

    Result<std::string> field() {
        if (consume('"')) return quoted();
        const char stops[] = {separator_, '\r', '\n'};
        const std::size_t end = std::min(text_.find_first_of(stops, at_, sizeof stops), text_.size());
        std::string value(text_.substr(at_, end - at_));
        at_ = end;
        return value;
    }

    Result<std::string> quoted() {
        const std::size_t opened = line_;
        std::string value;
        while (true) {
            const std::size_t quote = text_.find('"', at_);
            if (quote == std::string_view::npos)
                return fail(ErrorCode::BadInput, fmt::format("{}, line {}: a quoted field is never closed.", place_, opened), "Add the missing \".");
            const std::string_view part = text_.substr(at_, quote - at_);
            line_ += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
            value += part;
            at_ = quote + 1;
            if (!consume('"')) break;
            value += '"';
        }
        if (!atEnd() && text_[at_] != separator_ && text_[at_] != '\r' && text_[at_] != '\n')
            return fail(ErrorCode::BadInput, fmt::format("{}, line {}: text follows a closing quote.", place_, line_), "Double quotes inside a field as \"\".");
        return value;
    }

    std::string_view text_;
    std::string place_;
    char separator_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

Result<void> checkHeader(const std::vector<std::string>& header, const std::string& place) {
    std::set<std::string> seen;
    for (const std::string& name : header)
        if (!seen.insert(name).second)
            return fail(ErrorCode::BadInput, fmt::format("{} has the column '{}' twice.", place, name), "Rename one of them.");
    return {};
}

tl::unexpected<Error> ragged(const std::vector<std::string>& header, std::size_t count, std::size_t line, const std::string& place) {
    const std::string missing = count < header.size() ? fmt::format("; column '{}' is missing", header[count]) : "";
    return fail(ErrorCode::BadInput, fmt::format("{}, line {}: {} fields, but the header has {}{}.", place, line, count, header.size(), missing),
                "Give every row one field per column; quote fields that hold commas.");
}

std::string encoded(const std::string& field) {
    if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
    std::string out = "\"";
    for (const char c : field) out.append(c == '"' ? 2 : 1, c);
    return out + "\"";
}

void appendRecord(std::string& text, const std::vector<std::string>& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) text += (i ? "," : "") + encoded(fields[i]);
    // A lone empty field would read as an empty line, which is skipped.
    if (fields.size() == 1 && fields[0].empty()) text += "\"\"";
    text += '\n';
}

}  // namespace

std::optional<std::size_t> CsvTable::find(std::string_view column) const {
    const auto found = std::find(header.begin(), header.end(), column);
    if (found == header.end()) return std::nullopt;
    return static_cast<std::size_t>(found - header.begin());
}

Result<CsvTable> readCsv(const std::filesystem::path& path, char separator) {
    const std::string place = path.string();
    DS_ASSIGN(const std::string text, readFile(path));
    if (text.find('\0') != std::string::npos)
        return fail(ErrorCode::BadInput, fmt::format("{} is not plain text.", place), "Save it as CSV in UTF-8.");
    Scanner scanner(text, place, separator);
    CsvTable table;
    while (!scanner.atEnd()) {
        if (scanner.skipBlank()) continue;
        const std::size_t line = scanner.line();
        DS_ASSIGN(std::vector<std::string> fields, scanner.record());
        if (table.header.empty()) {
            DS_TRY(checkHeader(fields, place));
            table.header = std::move(fields);
        } else if (fields.size() == table.header.size()) {
            table.rows.push_back(std::move(fields));
        } else {
            return ragged(table.header, fields.size(), line, place);
        }
    }
    if (table.header.empty()) return fail(ErrorCode::BadInput, fmt::format("{} has no header.", place), "Its first line must name the columns.");
    return table;
}

Result<void> writeCsv(const std::filesystem::path& path, const CsvTable& table) {
    std::string text;
    appendRecord(text, table.header);
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        if (table.rows[row].size() != table.header.size())
            return fail(ErrorCode::Internal, fmt::format("Row {} for {} has {} fields, not {}.", row, path.string(), table.rows[row].size(), table.header.size()));
        appendRecord(text, table.rows[row]);
    }
    return writeFileAtomically(path, text);
}

}  // namespace driftscope::io
