#include "core/topics/data/corpus.h"

#include <algorithm>

#include "core/base/fingerprint.h"

namespace driftscope::topics {
namespace {

template <class T>
void append(std::string& bytes, const std::vector<T>& values) {
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

std::string fingerprint(const std::string& bytes) {
    return fingerprintBytes({reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()});
}

std::string joined(const std::vector<std::string>& vocabulary) {
    std::string text;
    for (const std::string& word : vocabulary) text += word + '\n';
    return text;
}

}  // namespace

std::string_view name(Split split) {
    return split == Split::Train ? "train" : split == Split::Validation ? "validation" : "test";
}

std::optional<Split> splitFromName(std::string_view text) {
    if (text == "train" || text == "training") return Split::Train;
    if (text == "val" || text == "valid" || text == "validation" || text == "dev") return Split::Validation;
    if (text == "test" || text == "testing") return Split::Test;
    return std::nullopt;
}

const LabelLevel* DocumentList::level(std::string_view levelName) const {
    const auto found = std::find_if(levels.begin(), levels.end(), [&](const LabelLevel& one) { return one.name == levelName; });
    return found == levels.end() ? nullptr : &*found;
}

std::string Corpus::contentHash() const {
    std::string bytes = joined(vocabulary);
    append(bytes, words);
    append(bytes, offsets);
    return fingerprint(bytes);
}

std::string Corpus::vocabularyHash() const {
    return fingerprint(joined(vocabulary));
}

Corpus selectDocuments(const Corpus& corpus, std::span<const std::uint32_t> which) {
    Corpus part;
    part.vocabulary = corpus.vocabulary;
    part.ordered = corpus.ordered;
    for (const LabelLevel& level : corpus.levels) part.levels.push_back({level.name, {{}, level.categories.categories, level.categories.ordered}});
    for (const std::uint32_t d : which) {
        const auto tokens = corpus.document(d);
        part.words.insert(part.words.end(), tokens.begin(), tokens.end());
        part.offsets.push_back(part.words.size());
        part.ids.push_back(corpus.ids[d]);
        part.rows.push_back(corpus.rows[d]);
        part.splits.push_back(corpus.splits[d]);
        for (std::size_t l = 0; l < corpus.levels.size(); ++l) part.levels[l].categories.codes.push_back(corpus.levels[l].categories.codes[d]);
    }
    return part;
}

Corpus selectSplit(const Corpus& corpus, Split split) {
    std::vector<std::uint32_t> which;
    for (std::size_t d = 0; d < corpus.documents(); ++d)
        if (corpus.splits[d] == split) which.push_back(static_cast<std::uint32_t>(d));
    return selectDocuments(corpus, which);
}

std::vector<std::uint64_t> wordFrequencies(const Corpus& corpus) {
    std::vector<std::uint64_t> counts(corpus.vocabulary.size(), 0);
    for (const std::uint32_t word : corpus.words) ++counts[word];
    return counts;
}

std::vector<std::uint64_t> documentFrequencies(const Corpus& corpus) {
    std::vector<std::uint64_t> counts(corpus.vocabulary.size(), 0);
    std::vector<std::size_t> last(corpus.vocabulary.size(), 0);
    for (std::size_t d = 0; d < corpus.documents(); ++d)
        for (const std::uint32_t word : corpus.document(d))
            if (last[word] != d + 1) {
                last[word] = d + 1;
                ++counts[word];
            }
    return counts;
}

}  // namespace driftscope::topics
