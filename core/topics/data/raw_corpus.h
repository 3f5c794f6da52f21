#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/topics/data/corpus.h"

namespace driftscope::topics {

/// One document as found in a source.
struct RawDocument {
    std::string id;
    std::string text;                  ///< UTF-8
    std::int64_t row = 0;              ///< in the source, from 0
    std::optional<Split> split;        ///< when the source says so
    std::vector<std::string> labels;   ///< one per level; empty where the source gives none
};

/// What a source holds before preprocessing.
struct RawCorpus {
    std::vector<std::string> levels;
    std::vector<RawDocument> documents;
    /// Words are already chosen and separated by blanks (OCTIS, a document-term matrix): nothing is filtered unless asked.
    bool prepared = false;
    bool ordered = true;               ///< false when a matrix gave the counts and no text their order
    std::vector<std::string> notes;    ///< what the reader wants the user to know
};

/// How to read a source.
struct SourceOptions {
    std::string format = "auto";  ///< auto, text, files, csv, jsonl, octis, dtm
    std::string textKey = "text";
    std::string idKey = "id";
    std::string splitKey = "split";
    std::vector<std::string> labelKeys;
    bool replaceInvalid = false;  ///< invalid UTF-8 becomes U+FFFD instead of an error
};

/// Reads documents from a text file (a line each), a folder of .txt files, CSV, JSON lines, an OCTIS corpus.tsv (or its
/// folder), or a folder with *.dtm.npz, vocab.json and *.metadata.jsonl.
/// Errors name file and line: unknown format, missing column or key, invalid UTF-8, matrix that does not fit its
/// vocabulary, no documents.
Result<RawCorpus> readSource(const std::filesystem::path& input, const SourceOptions& options);

/// Position of the first byte that is not valid UTF-8; nothing when all are.
std::optional<std::size_t> firstInvalidUtf8(std::string_view text);
/// The text with every invalid sequence replaced by U+FFFD.
std::string withoutInvalidUtf8(std::string_view text);

}  // namespace driftscope::topics
