#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/topics/data/corpus.h"

namespace driftscope::topics {

/// Where a token stands in the text of its document, in bytes.
struct TokenSpan {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

/// The texts a corpus was made from: one per document, and a span per token of the corpus.
struct CorpusTexts {
    std::vector<std::string> texts;
    std::vector<TokenSpan> spans;  ///< as many as the corpus has tokens
};

/// Writes a corpus folder:
///   corpus.json      format, version, counts, content hash, and `about` (source, parameters, what was dropped)
///   vocab.json       term -> word id
///   tokens.npy       word ids of all tokens (uint32);  offsets.npy  documents + 1 borders (int64)
///   documents.csv    id, row, split and one column per level of categories (empty: no category)
///   dtm.npz          document-term counts as scipy.sparse.save_npz writes CSR
///   texts.txt, text_offsets.npy, spans.npy   the texts, UTF-8, their borders, and [tokens x 2] byte spans
Result<void> writeCorpus(const std::filesystem::path& folder, const Corpus& corpus, const CorpusTexts& texts, const nlohmann::json& about);

/// Reads the corpus of a folder. Errors name file and remedy: not a corpus folder, a newer version, ids outside the
/// vocabulary, borders that do not fit, content that differs from the recorded hash.
Result<Corpus> readCorpus(const std::filesystem::path& folder);
/// corpus.json as it was written.
Result<nlohmann::json> readCorpusRecord(const std::filesystem::path& folder);
/// Reads the texts. Errors: absent (a corpus made from a matrix has none), spans outside the text.
Result<CorpusTexts> readCorpusTexts(const std::filesystem::path& folder, const Corpus& corpus);

/// documents.csv alone. Errors: other columns, an unknown split.
Result<DocumentList> readDocuments(const std::filesystem::path& file);
Result<void> writeDocuments(const std::filesystem::path& file, const DocumentList& documents);

/// {"term": id} as MALLET's and the reference's tools write it, back to a list. Errors: ids that are not 0 … V-1 once each.
Result<std::vector<std::string>> readVocabulary(const std::filesystem::path& file);
Result<void> writeVocabulary(const std::filesystem::path& file, const std::vector<std::string>& vocabulary);

}  // namespace driftscope::topics
