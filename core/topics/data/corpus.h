#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/table/embedding_table.h"

namespace driftscope::topics {

/// Which part of a corpus a document belongs to.
enum class Split : std::uint8_t { Train, Validation, Test };
std::string_view name(Split split);
/// "train", "training", "val", "valid", "validation", "dev", "test"; nothing for other text.
std::optional<Split> splitFromName(std::string_view text);

/// Human categories of one level (topic, subtopic, …): one code per document, -1 where a person gave none.
struct LabelLevel {
    std::string name;
    Categorical categories;
};

/// What is known of documents beside their words. Row d of every theta belongs to document d.
struct DocumentList {
    std::vector<std::string> ids;
    std::vector<std::int64_t> rows;            ///< row of the document in the source, from 0
    std::vector<Split> splits;
    std::vector<LabelLevel> levels;

    const LabelLevel* level(std::string_view levelName) const;  ///< null when absent
};

/// Documents as sequences of word ids. Column w of every beta belongs to word w.
struct Corpus : DocumentList {
    std::vector<std::string> vocabulary;       ///< unique; the index is the word id
    std::vector<std::uint32_t> words;          ///< word ids of all tokens, documents end to end
    std::vector<std::uint64_t> offsets{0};     ///< documents + 1 positions in `words`
    /// False when the order of tokens within a document is not known (a document-term matrix without texts): measures
    /// with windows then have no meaning.
    bool ordered = true;

    std::size_t documents() const { return offsets.size() - 1; }
    std::size_t tokens() const { return words.size(); }
    std::span<const std::uint32_t> document(std::size_t d) const {
        return {words.data() + offsets[d], static_cast<std::size_t>(offsets[d + 1] - offsets[d])};
    }

    /// XXH3 of vocabulary, tokens and document borders: equal for equal training data, whatever the labels.
    std::string contentHash() const;
    std::string vocabularyHash() const;
};

/// The documents of a split, in order, with the same vocabulary.
Corpus selectSplit(const Corpus& corpus, Split split);
/// The documents with these indices, in this order.
Corpus selectDocuments(const Corpus& corpus, std::span<const std::uint32_t> which);

/// How often each word occurs. Length V.
std::vector<std::uint64_t> wordFrequencies(const Corpus& corpus);
/// In how many documents each word occurs. Length V.
std::vector<std::uint64_t> documentFrequencies(const Corpus& corpus);

}  // namespace driftscope::topics
