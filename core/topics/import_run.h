#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/topics/data/corpus.h"
#include "core/topics/data/topic_run.h"

namespace driftscope::topics {

/// How the numbers of someone else's run are to be taken.
enum class ValueKind { Auto, Probabilities, Logits, Counts };

/// Topics as words: weights of topics over words.
struct ImportedWords {
    Matrix beta;                           ///< K x V as found
    std::vector<std::string> vocabulary;   ///< empty when the file does not name words
    std::vector<double> alpha;             ///< when the file has it
};

/// Topics of documents.
struct ImportedDocuments {
    Matrix theta;                          ///< as found
    std::vector<std::string> ids;          ///< empty when the file does not name documents
};

/// A CSV with columns topic, word and weight (also "prob", "probability"), or with a column per word and a row per topic.
Result<ImportedWords> readWordTable(const std::filesystem::path& file);
/// A CSV with a column per topic and a row per document; a column that is no number names the documents.
Result<ImportedDocuments> readDocumentTable(const std::filesystem::path& file);

/// MALLET's --topic-word-weights-file: topic, word, weight per line.
Result<ImportedWords> readMalletWeights(const std::filesystem::path& file);
/// MALLET's --output-topic-keys: topic, alpha and words per line. The weights follow the rank (1, 1/2, 1/3, …), since the
/// file has none.
Result<ImportedWords> readMalletKeys(const std::filesystem::path& file);
/// MALLET's --output-doc-topics: number, name and K proportions per line, or pairs of topic and proportion as older versions
/// write; a header line is skipped.
Result<ImportedDocuments> readMalletDocuments(const std::filesystem::path& file);

/// Turns rows into distributions: softmax for logits (any negative value, when Auto), division by the sum otherwise. Says
/// what it did in `notes`. Rows without any weight become uniform, with a note. Errors: negative probabilities or counts.
Result<void> toDistributions(Matrix& matrix, ValueKind kind, const std::string& what, std::vector<std::string>& notes);

/// beta from theta and the words of its documents: beta_kw ~ sum over d of theta_dk n_dw.
Matrix wordsFromDocuments(const Matrix& theta, const Corpus& corpus);

}  // namespace driftscope::topics
