#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "core/io/json_access.h"
#include "core/io/npz.h"
#include "core/topics/data/corpus_folder.h"
#include "core/topics/data/read_formats.h"

namespace driftscope::topics {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A sparse matrix in compressed rows, as scipy.sparse.save_npz writes it.
struct SparseRows {
    std::size_t rows = 0, columns = 0;
    std::vector<double> indices, borders, counts;
};

tl::unexpected<Error> damaged(const fs::path& file, const std::string& what) {
    return fail(ErrorCode::BadInput, fmt::format("{}: {}.", file.string(), what), "Save it again with scipy.sparse.save_npz(file, matrix.tocsr()).");
}

bool whole(double value, double limit) {
    return value >= 0 && value <= limit && value == static_cast<double>(static_cast<std::int64_t>(value));
}

Result<SparseRows> readSparse(const fs::path& file) {
    DS_ASSIGN(auto arrays, io::readNpz(file));
    for (const char* name : {"indices", "indptr", "data", "shape"})
        if (!arrays.contains(name)) return damaged(file, fmt::format("it has no array '{}'", name));
    const auto& shape = arrays["shape"].values;
    if (shape.size() != 2 || !whole(shape[0], 4e9) || !whole(shape[1], 4e9)) return damaged(file, "its shape is not two sizes");
    SparseRows matrix{static_cast<std::size_t>(shape[0]), static_cast<std::size_t>(shape[1]), std::move(arrays["indices"].values), std::move(arrays["indptr"].values), std::move(arrays["data"].values)};
    if (matrix.borders.size() != matrix.rows + 1) return damaged(file, fmt::format("{} row borders for {} rows (a column-compressed matrix?)", matrix.borders.size(), matrix.rows));
    if (matrix.indices.size() != matrix.counts.size() || matrix.borders.front() != 0 || matrix.borders.back() != static_cast<double>(matrix.indices.size()) ||
        !std::is_sorted(matrix.borders.begin(), matrix.borders.end()))
        return damaged(file, "its row borders do not fit its values");
    for (std::size_t i = 0; i < matrix.indices.size(); ++i) {
        if (!whole(matrix.indices[i], static_cast<double>(matrix.columns) - 1)) return damaged(file, fmt::format("column {} lies outside the {} columns", matrix.indices[i], matrix.columns));
        if (!whole(matrix.counts[i], 1e6)) return damaged(file, fmt::format("value {} is {}, not a count", i, matrix.counts[i]));
    }
    return matrix;
}

/// What *.metadata.jsonl says of each row; empty when the file is absent.
Result<RawCorpus> readMetadata(const fs::path& file, std::size_t rows, const SourceOptions& options) {
    RawCorpus metadata;
    metadata.levels = options.labelKeys;
    if (!fs::exists(file)) {
        if (!options.labelKeys.empty()) return fail(ErrorCode::NotFound, fmt::format("There is no {} with the labels.", file.string()), "Leave label_keys empty, or add the file.");
        for (std::size_t r = 0; r < rows; ++r) metadata.documents.push_back({std::to_string(r), {}, static_cast<std::int64_t>(r), std::nullopt, {}});
        return metadata;
    }
    SourceOptions keys = options;
    keys.textKey = "tokenized_text";
    DS_ASSIGN(metadata, readJsonLines(file, keys));
    if (metadata.documents.size() != rows)
        return fail(ErrorCode::BadInput, fmt::format("{} describes {} documents, but the matrix beside it has {} rows.", file.string(), metadata.documents.size(), rows), "They must come from one preprocessing run.");
    return metadata;
}

/// The words of one row: in the order of `text` when that gives the same counts, else by column.
std::string wordsOfRow(const SparseRows& matrix, std::size_t row, const std::vector<std::string>& vocabulary,
                       const std::unordered_map<std::string_view, std::uint32_t>& idOf, const std::string& text, bool& ordered) {
    std::unordered_map<std::uint32_t, std::int64_t> wanted;
    for (auto i = static_cast<std::size_t>(matrix.borders[row]); i < static_cast<std::size_t>(matrix.borders[row + 1]); ++i)
        wanted[static_cast<std::uint32_t>(matrix.indices[i])] += static_cast<std::int64_t>(matrix.counts[i]);
    std::string words;
    auto left = wanted;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (const auto found = idOf.find(std::string_view(text).substr(at, end - at)); found != idOf.end()) {
            --left[found->second];
            words += (words.empty() ? "" : " ") + vocabulary[found->second];
        }
        at = end + 1;
    }
    if (!text.empty() && std::all_of(left.begin(), left.end(), [](const auto& entry) { return entry.second == 0; })) return words;
    ordered = false;
    words.clear();
    std::vector<std::pair<std::uint32_t, std::int64_t>> sorted(wanted.begin(), wanted.end());
    std::sort(sorted.begin(), sorted.end());
    for (const auto& [word, count] : sorted)
        for (std::int64_t i = 0; i < count; ++i) words += (words.empty() ? "" : " ") + vocabulary[word];
    return words;
}

Result<void> checkTerms(const fs::path& file, const std::vector<std::string>& vocabulary) {
    for (const std::string& term : vocabulary)
        if (term.empty() || term.find_first_of(" \t\r\n") != std::string::npos)
            return fail(ErrorCode::BadInput, fmt::format("{}: the term '{}' is empty or holds a blank.", file.string(), term), "Join the words of a phrase with _.");
    return {};
}

}  // namespace

Result<RawCorpus> readMatrixFolder(const fs::path& folder, const SourceOptions& options) {
    DS_ASSIGN(const std::vector<std::string> vocabulary, readVocabulary(folder / "vocab.json"));
    DS_TRY(checkTerms(folder / "vocab.json", vocabulary));
    std::unordered_map<std::string_view, std::uint32_t> idOf;
    for (std::size_t w = 0; w < vocabulary.size(); ++w) idOf.emplace(vocabulary[w], static_cast<std::uint32_t>(w));
    RawCorpus corpus;
    corpus.prepared = true;
    corpus.levels = options.labelKeys;
    for (const char* part : {"train", "val", "test"}) {
        const fs::path file = folder / (std::string(part) + ".dtm.npz");
        if (!fs::exists(file)) continue;
        DS_ASSIGN(const SparseRows matrix, readSparse(file));
        if (matrix.columns != vocabulary.size())
            return fail(ErrorCode::BadInput, fmt::format("{} has {} columns, but vocab.json has {} terms.", file.string(), matrix.columns, vocabulary.size()), "They must come from one preprocessing run.");
        DS_ASSIGN(RawCorpus metadata, readMetadata(folder / (std::string(part) + ".metadata.jsonl"), matrix.rows, options));
        for (std::size_t row = 0; row < matrix.rows; ++row) {
            RawDocument document = std::move(metadata.documents[row]);
            document.text = wordsOfRow(matrix, row, vocabulary, idOf, document.text, corpus.ordered);
            document.split = splitFromName(part);
            document.row = static_cast<std::int64_t>(corpus.documents.size());
            corpus.documents.push_back(std::move(document));
        }
    }
    if (corpus.documents.empty()) return fail(ErrorCode::NotFound, fmt::format("{} has no train.dtm.npz, val.dtm.npz or test.dtm.npz.", folder.string()), "Name the folder that the reference's preprocessing wrote.");
    if (!corpus.ordered) corpus.notes.push_back("The order of words is not known for some documents (counts only): measures that use windows do not apply.");
    return corpus;
}

}  // namespace driftscope::topics
