#include "core/llm/text/bpe_trainer.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <queue>
#include <unordered_map>

#include "core/base/atomic_file.h"
#include "core/llm/text/byte_alphabet.h"
#include "core/llm/text/scan.h"
#include "core/llm/text/unicode.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
using Pair = std::pair<std::int32_t, std::int32_t>;

struct Word {
    std::vector<std::int32_t> symbols;
    std::int64_t count = 0;
};

/// Counts of neighbouring symbols over all words, kept up to date while merging.
class PairCounts {
  public:
    PairCounts(std::vector<Word>& words) : words_(words) {
        for (std::size_t w = 0; w < words.size(); ++w) add(w, +1);
        for (const auto& [pair, state] : pairs_) queue_.push({state.count, pair});
    }

    /// The most frequent pair with at least `least` occurrences; the smaller ids of equals.
    bool best(std::int64_t least, Pair& pair) {
        while (!queue_.empty()) {
            const Candidate top = queue_.top();
            queue_.pop();
            const std::int64_t now = pairs_[top.pair].count;
            if (now < least) continue;
            if (now != top.count) {
                queue_.push({now, top.pair});
                continue;
            }
            pair = top.pair;
            return true;
        }
        return false;
    }

    void merge(Pair pair, std::int32_t whole) {
        const std::vector<std::size_t> where = std::move(pairs_[pair].words);
        std::vector<std::size_t> touched(where);
        std::sort(touched.begin(), touched.end());
        touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
        for (std::size_t w : touched) {
            add(w, -1);
            auto& symbols = words_[w].symbols;
            std::size_t kept = 0;
            for (std::size_t i = 0; i < symbols.size(); ++i, ++kept) {
                const bool here = i + 1 < symbols.size() && symbols[i] == pair.first && symbols[i + 1] == pair.second;
                symbols[kept] = here ? whole : symbols[i];
                i += here;
            }
            symbols.resize(kept);
            add(w, +1, whole);
        }
    }

  private:
    struct State {
        std::int64_t count = 0;
        std::vector<std::size_t> words;  ///< where it stood at some time
    };
    struct Candidate {
        std::int64_t count;
        Pair pair;
        bool operator<(const Candidate& other) const { return count != other.count ? count < other.count : pair > other.pair; }
    };

    /// Adds or takes away a word's pairs; pairs with the new symbol become candidates.
    void add(std::size_t w, int sign, std::int32_t fresh = -1) {
        const Word& word = words_[w];
        for (std::size_t i = 0; i + 1 < word.symbols.size(); ++i) {
            const Pair pair{word.symbols[i], word.symbols[i + 1]};
            State& state = pairs_[pair];
            state.count += sign * word.count;
            if (sign < 0) continue;
            if (state.words.empty() || state.words.back() != w) state.words.push_back(w);
            if (fresh >= 0 && (pair.first == fresh || pair.second == fresh)) queue_.push({state.count, pair});
        }
    }

    std::vector<Word>& words_;
    std::map<Pair, State> pairs_;
    std::priority_queue<Candidate> queue_;
};

Result<std::vector<Word>> countWords(const std::vector<std::string>& texts, std::int32_t firstByte) {
    std::map<std::string_view, std::int64_t> counts;
    for (std::size_t t = 0; t < texts.size(); ++t) {
        if (const auto bad = firstInvalidUtf8(texts[t]))
            return fail(ErrorCode::BadInput, fmt::format("Training text {} is not UTF-8 (byte {}).", t + 1, *bad), "Convert it to UTF-8.");
        for (std::size_t at = 0; at < texts[t].size();) {
            const std::size_t end = scanGpt2(texts[t], at);
            ++counts[std::string_view(texts[t]).substr(at, end - at)];
            at = end;
        }
    }
    // Byte tokens stand in the order of the characters they are written as.
    const ByteAlphabet alphabet;
    std::vector<int> order(256);
    for (int i = 0; i < 256; ++i) order[static_cast<std::size_t>(i)] = i;
    std::sort(order.begin(), order.end(), [&](int a, int b) {
        return codePointAt(alphabet.character(static_cast<unsigned char>(a)), 0).value <
               codePointAt(alphabet.character(static_cast<unsigned char>(b)), 0).value;
    });
    std::vector<std::int32_t> ids(256);
    for (std::size_t i = 0; i < 256; ++i) ids[static_cast<std::size_t>(order[i])] = firstByte + static_cast<std::int32_t>(i);
    std::vector<Word> words;
    for (const auto& [text, count] : counts) {
        Word word{{}, count};
        for (char c : text) word.symbols.push_back(ids[static_cast<unsigned char>(c)]);
        words.push_back(std::move(word));
    }
    return words;
}

std::vector<std::string> bytesInOrder() {
    const ByteAlphabet alphabet;
    std::vector<std::string> characters;
    for (int i = 0; i < 256; ++i) characters.push_back(alphabet.character(static_cast<unsigned char>(i)));
    std::sort(characters.begin(), characters.end(),
              [](const std::string& a, const std::string& b) { return codePointAt(a, 0).value < codePointAt(b, 0).value; });
    return characters;
}

json describe(const std::vector<std::string>& tokens, const json& merges, const BpeTraining& training) {
    json vocabulary = json::object();
    for (std::size_t id = 0; id < tokens.size(); ++id) vocabulary[tokens[id]] = id;
    json added = json::array();
    for (std::size_t id = 0; id < training.special.size(); ++id)
        added.push_back({{"id", id},
                         {"content", training.special[id]},
                         {"single_word", false},
                         {"lstrip", false},
                         {"rstrip", false},
                         {"normalized", false},
                         {"special", true}});
    json processor;
    if (training.addBeginning && !training.special.empty()) {
        const std::string& first = training.special[0];
        processor = {{"type", "TemplateProcessing"},
                     {"single", {{{"SpecialToken", {{"id", first}, {"type_id", 0}}}}, {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}}},
                     {"pair", {{{"Sequence", {{"id", "A"}, {"type_id", 0}}}}, {{"Sequence", {{"id", "B"}, {"type_id", 0}}}}}},
                     {"special_tokens", {{first, {{"id", first}, {"ids", json::array({0})}, {"tokens", json::array({first})}}}}}};
    }
    const json bytes{{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}};
    return {{"version", "1.0"},
            {"truncation", nullptr},
            {"padding", nullptr},
            {"added_tokens", added},
            {"normalizer", nullptr},
            {"pre_tokenizer", bytes},
            {"post_processor", processor},
            {"decoder", bytes},
            {"model",
             {{"type", "BPE"},
              {"dropout", nullptr},
              {"unk_token", nullptr},
              {"continuing_subword_prefix", nullptr},
              {"end_of_word_suffix", nullptr},
              {"fuse_unk", false},
              {"byte_fallback", false},
              {"ignore_merges", false},
              {"vocab", vocabulary},
              {"merges", merges}}}};
}

}  // namespace

Result<json> trainBpe(const std::vector<std::string>& texts, const BpeTraining& training) {
    std::vector<std::string> tokens = training.special;
    for (std::string& character : bytesInOrder()) tokens.push_back(std::move(character));
    if (training.vocabulary < tokens.size())
        return fail(ErrorCode::Usage, fmt::format("A vocabulary of {} tokens is too small.", training.vocabulary),
                    fmt::format("Bytes and special tokens take {}.", tokens.size()));
    std::unordered_map<std::string, std::int32_t> ids;
    for (std::size_t id = 0; id < tokens.size(); ++id) ids[tokens[id]] = static_cast<std::int32_t>(id);
    DS_ASSIGN(std::vector<Word> words, countWords(texts, static_cast<std::int32_t>(training.special.size())));
    PairCounts counts(words);
    json merges = json::array();
    Pair pair;
    while (tokens.size() < training.vocabulary &&
           counts.best(std::max<std::int64_t>(1, static_cast<std::int64_t>(training.leastCount)), pair)) {
        const std::string& left = tokens[static_cast<std::size_t>(pair.first)];
        const std::string& right = tokens[static_cast<std::size_t>(pair.second)];
        merges.push_back(left + " " + right);
        // Two pairs may spell the same token ("a"+"bc", "ab"+"c"): it keeps its first id.
        const auto [found, fresh] = ids.try_emplace(left + right, static_cast<std::int32_t>(tokens.size()));
        const std::int32_t whole = found->second;
        if (fresh) tokens.push_back(found->first);
        counts.merge(pair, whole);
    }
    return describe(tokens, merges, training);
}

Result<void> writeTokenizer(const std::filesystem::path& folder, const json& tokenizer, const BpeTraining& training) {
    DS_TRY(makeFolder(folder));
    DS_TRY(writeFileAtomically(folder / "tokenizer.json", tokenizer.dump(1) + "\n"));
    json config{{"tokenizer_class", "PreTrainedTokenizerFast"}, {"clean_up_tokenization_spaces", false}};
    const char* roles[] = {"bos_token", "eos_token", "pad_token"};
    for (std::size_t i = 0; i < std::min<std::size_t>(3, training.special.size()); ++i) config[roles[i]] = training.special[i];
    return writeFileAtomically(folder / "tokenizer_config.json", config.dump(1) + "\n");
}

}  // namespace driftscope::llm
