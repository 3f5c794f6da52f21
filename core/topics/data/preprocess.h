#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/csv.h"
#include "core/topics/data/corpus_folder.h"
#include "core/topics/data/phrases.h"
#include "core/topics/data/raw_corpus.h"
#include "core/topics/data/tokenizer.h"

namespace driftscope::topics {

/// What preprocessing keeps. Defaults are those for words already chosen; presets() changes them for plain text.
struct PreprocessRules {
    TokenRules tokens;
    std::string stopWords = "none";     ///< none, english, or a file
    std::string stemmer = "none";       ///< a Snowball algorithm ("english", "german", …)
    std::int64_t minimumDocuments = 1;  ///< a word must stand in at least so many documents
    double maximumShare = 1;            ///< … and in at most this share of them
    std::int64_t vocabularySize = 0;    ///< keep only so many words, those in most documents; 0 keeps all
    std::int64_t minimumTokens = 1;     ///< documents with fewer words are dropped
    bool phrases = false;
    PhraseRules phraseRules;
    double testShare = 0;               ///< documents drawn as test set when the source names no splits
    std::uint64_t seed = 42;

    static PreprocessRules forPreparedText();
    /// The paper's recipe: word boundaries, lower case, wordlike tokens of 2 characters, English stop words, words in at
    /// least 5 documents and at most 90 % of them, documents of at least 5 words. Corpora of fewer than 100 documents
    /// keep words of a single one.
    static PreprocessRules forPlainText(std::size_t documents);
};

/// What was left out and why, in numbers and by name.
struct PreprocessReport {
    std::size_t documentsRead = 0;
    std::uint64_t tokensRead = 0;  ///< words found in the texts before anything was dropped
    std::vector<std::pair<std::string, std::uint64_t>> tokensDropped;     ///< reason -> tokens
    std::vector<std::pair<std::string, std::uint64_t>> wordsDropped;      ///< reason -> distinct words
    std::vector<std::pair<std::string, std::uint64_t>> documentsDropped;  ///< reason -> documents
    std::size_t phrases = 0;       ///< pairs of words joined
    io::CsvTable dropped;          ///< what ("document" or "word"), name, reason, count
    nlohmann::json toJson() const;
};

struct Preprocessed {
    Corpus corpus;
    CorpusTexts texts;
    PreprocessReport report;
};

/// Calls back with (documents done, documents in all).
using PreprocessProgress = std::function<void(std::size_t, std::size_t)>;

/// Makes a corpus. The vocabulary is sorted by bytes. Errors: unknown stemmer or list, nothing left (with what dropped it).
Result<Preprocessed> preprocess(RawCorpus raw, const PreprocessRules& rules, std::stop_token stop = {}, const PreprocessProgress& progress = {});

/// The Snowball algorithms of this machine.
std::vector<std::string> stemmerNames();

}  // namespace driftscope::topics
