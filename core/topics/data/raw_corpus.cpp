#include "core/topics/data/raw_corpus.h"

#include <unicode/utf8.h>

#include <algorithm>

#include "core/base/atomic_file.h"
#include "core/topics/data/read_formats.h"

namespace driftscope::topics {
namespace {

namespace fs = std::filesystem;

bool holdsMatrix(const fs::path& folder) {
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code))
        if (entry.path().filename().string().ends_with(".dtm.npz")) return true;
    return false;
}

/// An OCTIS file has two or three columns, the second of which names a split.
bool looksLikeOctis(const fs::path& file) {
    const auto lines = readLines(file);
    if (!lines || lines->empty()) return false;
    const std::string& first = lines->front();
    const std::size_t tab = first.find('\t');
    if (tab == std::string::npos) return false;
    return splitFromName(first.substr(tab + 1, first.find('\t', tab + 1) - tab - 1)).has_value();
}

Result<std::string> guessFormat(const fs::path& input) {
    if (fs::is_directory(input)) {
        if (holdsMatrix(input)) return std::string("dtm");
        return std::string(fs::exists(input / "corpus.tsv") ? "octis" : "files");
    }
    const std::string extension = input.extension().string();
    if (extension == ".csv") return std::string("csv");
    if (extension == ".jsonl" || extension == ".ndjson") return std::string("jsonl");
    if (extension == ".tsv") return std::string(looksLikeOctis(input) ? "octis" : "text");
    if (extension == ".txt" || extension.empty()) return std::string("text");
    return fail(ErrorCode::BadInput, fmt::format("The kind of {} is not clear from its name.", input.string()), "Say which it is: format=text, files, csv, jsonl, octis or dtm.");
}

Result<RawCorpus> readAs(const std::string& format, const fs::path& input, const SourceOptions& options) {
    const bool folder = fs::is_directory(input);
    if (format == "files" || format == "dtm") {
        if (!folder) return fail(ErrorCode::BadInput, fmt::format("{} is a file, but format={} reads a folder.", input.string(), format), "Name the folder.");
        return format == "dtm" ? readMatrixFolder(input, options) : readTextFiles(input, options);
    }
    if (format == "octis") return readOctis(folder ? input / "corpus.tsv" : input, options);
    if (folder) return fail(ErrorCode::BadInput, fmt::format("{} is a folder, but format={} reads a file.", input.string(), format), "Name the file, or use format=files.");
    if (format == "csv") return readCsvDocuments(input, options);
    if (format == "jsonl") return readJsonLines(input, options);
    return readTextLines(input, options);
}

}  // namespace

std::optional<std::size_t> firstInvalidUtf8(std::string_view text) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const auto length = static_cast<std::int64_t>(text.size());
    for (std::int64_t at = 0; at < length;) {
        const std::int64_t begin = at;
        UChar32 point = 0;
        U8_NEXT(bytes, at, length, point);
        if (point < 0) return static_cast<std::size_t>(begin);
    }
    return std::nullopt;
}

std::string withoutInvalidUtf8(std::string_view text) {
    std::string out;
    while (const auto bad = firstInvalidUtf8(text)) {
        out += text.substr(0, *bad);
        out += "\xEF\xBF\xBD";
        text.remove_prefix(*bad + 1);
    }
    return out + std::string(text);
}

Result<std::string> checkedText(std::string text, const std::string& place, const SourceOptions& options) {
    const auto bad = firstInvalidUtf8(text);
    if (!bad) return text;
    if (options.replaceInvalid) return withoutInvalidUtf8(text);
    return fail(ErrorCode::BadInput, fmt::format("{}: byte {} is not valid UTF-8.", place, *bad + 1),
                "Convert the file to UTF-8 (iconv -f latin1 -t utf-8), or read it with invalid_utf8=replace.");
}

Result<std::vector<std::string>> readLines(const fs::path& file) {
    DS_ASSIGN(const std::string content, readFile(file));
    std::vector<std::string> lines;
    std::size_t at = content.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    while (at < content.size()) {
        const std::size_t end = std::min(content.find('\n', at), content.size());
        std::size_t stop = end;
        if (stop > at && content[stop - 1] == '\r') --stop;
        lines.push_back(content.substr(at, stop - at));
        at = end + 1;
    }
    return lines;
}

Result<RawCorpus> readSource(const fs::path& input, const SourceOptions& options) {
    if (!fs::exists(input)) return fail(ErrorCode::NotFound, fmt::format("{} does not exist.", input.string()), "Check the path.");
    std::string format = options.format;
    if (format == "auto") {
        DS_ASSIGN(format, guessFormat(input));
    }
    DS_ASSIGN(RawCorpus corpus, readAs(format, input, options));
    if (corpus.documents.empty()) return fail(ErrorCode::BadInput, fmt::format("{} holds no documents.", input.string()), "Check that it is the right file and format.");
    corpus.notes.insert(corpus.notes.begin(), fmt::format("Read {} documents as {}.", corpus.documents.size(), format));
    return corpus;
}

}  // namespace driftscope::topics
