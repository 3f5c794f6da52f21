#include "core/topics/data/corpus_folder.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/atomic_file.h"
#include "core/io/csv.h"
#include "core/io/json_access.h"
#include "core/io/npz.h"

namespace driftscope::topics {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kFormat = "driftscope.corpus";
constexpr int kVersion = 1;

template <class Number>
Result<void> writeVector(const fs::path& path, const std::vector<Number>& values, std::vector<std::int64_t> shape) {
    return writeFileAtomically(path, io::encodeNpy<Number>(shape, values));
}

tl::unexpected<Error> damaged(const fs::path& path, const std::string& what) {
    return fail(ErrorCode::BadInput, fmt::format("{}: {}.", path.string(), what), "Run topics.preprocess again.");
}

Result<std::vector<std::uint64_t>> readCounts(const fs::path& path, std::uint64_t limit) {
    DS_ASSIGN(const io::NpyNumbers numbers, io::readNpyNumbers(path));
    std::vector<std::uint64_t> counts(numbers.values.size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const double value = numbers.values[i];
        if (!(value >= 0 && value <= static_cast<double>(limit)) || value != static_cast<double>(static_cast<std::uint64_t>(value)))
            return damaged(path, fmt::format("value {} is {}, not a whole number from 0 to {}", i, value, limit));
        counts[i] = static_cast<std::uint64_t>(value);
    }
    return counts;
}

Result<void> checkBorders(const fs::path& path, const std::vector<std::uint64_t>& borders, std::uint64_t end) {
    if (borders.empty() || borders.front() != 0 || borders.back() != end || !std::is_sorted(borders.begin(), borders.end()))
        return damaged(path, fmt::format("its borders do not run from 0 to {}", end));
    return {};
}

Result<void> writeMatrix(const fs::path& path, const Corpus& corpus) {
    std::vector<std::int32_t> indices, counts;
    std::vector<std::int64_t> borders{0};
    std::vector<std::uint32_t> sorted;
    for (std::size_t d = 0; d < corpus.documents(); ++d) {
        const auto tokens = corpus.document(d);
        sorted.assign(tokens.begin(), tokens.end());
        std::sort(sorted.begin(), sorted.end());
        for (std::size_t i = 0; i < sorted.size(); ++i) {
            if (i == 0 || sorted[i] != sorted[i - 1]) {
                indices.push_back(static_cast<std::int32_t>(sorted[i]));
                counts.push_back(0);
            }
            ++counts.back();
        }
        borders.push_back(static_cast<std::int64_t>(indices.size()));
    }
    // scipy wants the name of the format as a byte string of no dimension.
    std::string format("\x93NUMPY\x01\x00\x76\x00", 10);
    std::string header = "{'descr': '|S3', 'fortran_order': False, 'shape': (), }";
    header.resize(117, ' ');
    format += header + "\ncsr";
    const auto length = [](const auto& v) { return std::vector<std::int64_t>{static_cast<std::int64_t>(v.size())}; };
    const std::vector<std::int64_t> shape{static_cast<std::int64_t>(corpus.documents()), static_cast<std::int64_t>(corpus.vocabulary.size())};
    return io::writeNpz(path, {{"indices", io::encodeNpy<std::int32_t>(length(indices), indices)},
                               {"indptr", io::encodeNpy<std::int64_t>(length(borders), borders)},
                               {"format", format},
                               {"shape", io::encodeNpy<std::int64_t>(length(shape), shape)},
                               {"data", io::encodeNpy<std::int32_t>(length(counts), counts)}});
}

Result<void> writeTexts(const fs::path& folder, const CorpusTexts& texts) {
    std::string all;
    std::vector<std::int64_t> borders{0};
    for (const std::string& text : texts.texts) {
        all += text;
        borders.push_back(static_cast<std::int64_t>(all.size()));
        all += '\n';
    }
    std::vector<std::uint32_t> flat;
    for (const TokenSpan& span : texts.spans) flat.insert(flat.end(), {span.begin, span.end});
    DS_TRY(writeFileAtomically(folder / "texts.txt", all));
    DS_TRY(writeVector(folder / "text_offsets.npy", borders, {static_cast<std::int64_t>(borders.size())}));
    return writeVector(folder / "spans.npy", flat, {static_cast<std::int64_t>(texts.spans.size()), 2});
}

json splitCounts(const Corpus& corpus) {
    json counts = json::object();
    for (const Split split : {Split::Train, Split::Validation, Split::Test})
        counts[std::string(name(split))] = std::count(corpus.splits.begin(), corpus.splits.end(), split);
    return counts;
}

}  // namespace

Result<void> writeVocabulary(const fs::path& file, const std::vector<std::string>& vocabulary) {
    // Written by hand to keep the terms in the order of their ids, which a JSON library would sort by name.
    std::string text = "{";
    for (std::size_t w = 0; w < vocabulary.size(); ++w) text += fmt::format("{}\n{}: {}", w ? "," : "", json(vocabulary[w]).dump(), w);
    return writeFileAtomically(file, text + "\n}\n");
}

Result<std::vector<std::string>> readVocabulary(const fs::path& file) {
    DS_ASSIGN(const json terms, io::readJson(file));
    if (terms.is_array()) {
        std::vector<std::string> list;
        for (const json& term : terms) {
            if (!term.is_string()) return fail(ErrorCode::BadInput, fmt::format("{} holds something other than words.", file.string()), "Give a list of words or {\"word\": index}.");
            list.push_back(term.get<std::string>());
        }
        return list;
    }
    std::vector<std::string> vocabulary(terms.size());
    std::vector<bool> seen(terms.size(), false);
    for (const auto& [term, id] : terms.items()) {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() >= static_cast<std::int64_t>(terms.size()) || seen[id.get<std::size_t>()])
            return fail(ErrorCode::BadInput, fmt::format("{}: the index of '{}' is {}, not one of 0 to {} once each.", file.string(), term, id.dump(), terms.size() - 1),
                        "A vocabulary maps every term to its own column.");
        seen[id.get<std::size_t>()] = true;
        vocabulary[id.get<std::size_t>()] = term;
    }
    return vocabulary;
}

Result<void> writeDocuments(const fs::path& file, const DocumentList& documents) {
    io::CsvTable table{{"id", "row", "split"}, {}};
    for (const LabelLevel& level : documents.levels) table.header.push_back(level.name);
    for (std::size_t d = 0; d < documents.ids.size(); ++d) {
        std::vector<std::string> fields{documents.ids[d], std::to_string(documents.rows[d]), std::string(name(documents.splits[d]))};
        for (const LabelLevel& level : documents.levels) fields.push_back(level.categories.at(d));
        table.rows.push_back(std::move(fields));
    }
    return io::writeCsv(file, table);
}

Result<DocumentList> readDocuments(const fs::path& file) {
    DS_ASSIGN(const io::CsvTable table, io::readCsv(file));
    if (table.header.size() < 3 || table.header[0] != "id" || table.header[1] != "row" || table.header[2] != "split")
        return damaged(file, "its first columns are not id, row and split");
    DocumentList documents;
    for (const auto& row : table.rows) {
        const auto split = splitFromName(row[2]);
        if (!split) return damaged(file, fmt::format("document '{}' has the split '{}'", row[0], row[2]));
        documents.ids.push_back(row[0]);
        documents.rows.push_back(std::strtoll(row[1].c_str(), nullptr, 10));
        documents.splits.push_back(*split);
    }
    for (std::size_t column = 3; column < table.header.size(); ++column) {
        std::vector<std::string> texts;
        for (const auto& row : table.rows) texts.push_back(row[column]);
        documents.levels.push_back({table.header[column], Categorical::fromTexts(texts)});
    }
    return documents;
}

Result<void> writeCorpus(const fs::path& folder, const Corpus& corpus, const CorpusTexts& texts, const json& about) {
    DS_TRY(makeFolder(folder));
    std::vector<std::int64_t> borders(corpus.offsets.begin(), corpus.offsets.end());
    DS_TRY(writeVocabulary(folder / "vocab.json", corpus.vocabulary));
    DS_TRY(writeVector(folder / "tokens.npy", corpus.words, {static_cast<std::int64_t>(corpus.tokens())}));
    DS_TRY(writeVector(folder / "offsets.npy", borders, {static_cast<std::int64_t>(borders.size())}));
    DS_TRY(writeDocuments(folder / "documents.csv", corpus));
    DS_TRY(writeMatrix(folder / "dtm.npz", corpus));
    if (!texts.texts.empty()) DS_TRY(writeTexts(folder, texts));
    json levels = json::array();
    for (const LabelLevel& level : corpus.levels)
        levels.push_back({{"name", level.name}, {"categories", level.categories.categories.size()}, {"missing", std::count(level.categories.codes.begin(), level.categories.codes.end(), -1)}});
    const json record{{"format", kFormat}, {"version", kVersion}, {"documents", corpus.documents()}, {"tokens", corpus.tokens()},
                      {"vocabulary", corpus.vocabulary.size()}, {"splits", splitCounts(corpus)}, {"levels", levels}, {"ordered", corpus.ordered},
                      {"texts", !texts.texts.empty()}, {"hash", corpus.contentHash()}, {"vocabulary_hash", corpus.vocabularyHash()}, {"about", about}};
    // Last, so that a folder with this file is a whole corpus.
    return writeFileAtomically(folder / "corpus.json", record.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

Result<json> readCorpusRecord(const fs::path& folder) {
    const fs::path file = folder / "corpus.json";
    if (!fs::exists(file))
        return fail(ErrorCode::NotFound, fmt::format("{} is not a corpus: it has no corpus.json.", folder.string()), "Make one with driftscope-run topics.preprocess.");
    DS_ASSIGN(json record, io::readJson(file));
    if (io::textMember(record, "format") != kFormat) return fail(ErrorCode::BadInput, fmt::format("{} does not describe a corpus.", file.string()), "Make one with driftscope-run topics.preprocess.");
    if (io::numberMember(record, "version", 0) > kVersion)
        return fail(ErrorCode::Unsupported, fmt::format("{} was written by a newer version.", file.string()), "Update Driftscope, or run topics.preprocess again.");
    return record;
}

Result<Corpus> readCorpus(const fs::path& folder) {
    DS_ASSIGN(const json record, readCorpusRecord(folder));
    Corpus corpus;
    DS_ASSIGN(corpus.vocabulary, readVocabulary(folder / "vocab.json"));
    if (corpus.vocabulary.empty()) return damaged(folder / "vocab.json", "the vocabulary is empty");
    DS_ASSIGN(const std::vector<std::uint64_t> words, readCounts(folder / "tokens.npy", corpus.vocabulary.size() - 1));
    corpus.words.assign(words.begin(), words.end());
    DS_ASSIGN(corpus.offsets, readCounts(folder / "offsets.npy", corpus.words.size()));
    DS_TRY(checkBorders(folder / "offsets.npy", corpus.offsets, corpus.words.size()));
    DS_ASSIGN(static_cast<DocumentList&>(corpus), readDocuments(folder / "documents.csv"));
    if (corpus.ids.size() != corpus.documents()) return damaged(folder / "documents.csv", fmt::format("{} rows for {} documents", corpus.ids.size(), corpus.documents()));
    corpus.ordered = record.value("ordered", true);
    if (const std::string hash = io::textMember(record, "hash"); hash != corpus.contentHash())
        return damaged(folder / "corpus.json", "its content hash does not fit the tokens; a file was changed or only partly copied");
    return corpus;
}

Result<CorpusTexts> readCorpusTexts(const fs::path& folder, const Corpus& corpus) {
    if (!fs::exists(folder / "texts.txt"))
        return fail(ErrorCode::NotFound, fmt::format("The corpus {} was made without texts.", folder.string()), "Preprocess the texts themselves to read documents.");
    DS_ASSIGN(const std::string all, readFile(folder / "texts.txt"));
    DS_ASSIGN(const std::vector<std::uint64_t> borders, readCounts(folder / "text_offsets.npy", all.size()));
    if (borders.size() != corpus.documents() + 1 || !std::is_sorted(borders.begin(), borders.end()))
        return damaged(folder / "text_offsets.npy", "its borders do not fit the documents");
    DS_ASSIGN(const std::vector<std::uint64_t> flat, readCounts(folder / "spans.npy", std::numeric_limits<std::uint32_t>::max()));
    if (flat.size() != 2 * corpus.tokens()) return damaged(folder / "spans.npy", fmt::format("{} numbers for {} tokens", flat.size(), corpus.tokens()));
    CorpusTexts texts;
    for (std::size_t d = 0; d < corpus.documents(); ++d) {
        const std::size_t begin = borders[d] + (d ? 1 : 0);  // each text but the first follows a new line
        if (begin > borders[d + 1]) return damaged(folder / "text_offsets.npy", "its borders do not fit the documents");
        texts.texts.push_back(all.substr(begin, borders[d + 1] - begin));
        for (std::size_t i = corpus.offsets[d]; i < corpus.offsets[d + 1]; ++i) {
            if (flat[2 * i] > flat[2 * i + 1] || flat[2 * i + 1] > texts.texts.back().size())
                return damaged(folder / "spans.npy", fmt::format("token {} lies outside the text of document '{}'", i, corpus.ids[d]));
            texts.spans.push_back({static_cast<std::uint32_t>(flat[2 * i]), static_cast<std::uint32_t>(flat[2 * i + 1])});
        }
    }
    return texts;
}

}  // namespace driftscope::topics
