#include "core/topics/data/preprocess.h"

#include <libstemmer.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/base/fingerprint.h"
#include "core/topics/data/stop_words.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;
constexpr std::uint32_t kDropped = 0xFFFFFFFF;

struct StemmerCloser {
    void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};

/// The stages of one run, over documents as lists of forms.
class Pipeline {
  public:
    Pipeline(RawCorpus raw, const PreprocessRules& rules, Tokenizer tokenizer) : raw_(std::move(raw)), rules_(rules), tokenizer_(std::move(tokenizer)) {
        report_.documentsRead = raw_.documents.size();
        report_.dropped.header = {"what", "name", "reason", "count"};
    }

    Result<Preprocessed> run(std::stop_token stop, const PreprocessProgress& progress) {
        DS_TRY(tokenize(stop, progress));
        DS_ASSIGN(const std::set<std::string> stops, stopWords(rules_.stopWords));
        std::vector<bool> stopped = marks(stops);
        if (rules_.phrases) {
            report_.phrases = joinPhrases(tokens_, texts_, stopped, rules_.phraseRules, tokenizer_);
            stopped.resize(tokenizer_.forms().size(), false);
        }
        dropForms(stopped, "stop word");
        DS_TRY(stem());
        dropByFrequency();
        dropShortDocuments();
        return finish();
    }

  private:
    Result<void> tokenize(std::stop_token stop, const PreprocessProgress& progress) {
        for (std::size_t d = 0; d < raw_.documents.size(); ++d) {
            if (stop.stop_requested()) return fail(ErrorCode::Cancelled, "Preprocessing was stopped.", "Run the same command again.");
            if (progress && d % 256 == 0) progress(d, raw_.documents.size());
            texts_.push_back(std::move(raw_.documents[d].text));
            tokens_.push_back(tokenizer_.tokens(texts_.back()));
            report_.tokensRead += tokens_.back().size();
        }
        for (const auto& [fate, reason] : {std::pair{TokenFate::Pattern, "does not match the token pattern"}, std::pair{TokenFate::Short, "too short"}}) {
            auto forms = tokenizer_.droppedForms(fate);
            report_.tokensRead += tokenizer_.dropped(fate);
            count(reason, tokenizer_.dropped(fate), std::move(forms));
        }
        return {};
    }

    void count(const std::string& reason, std::uint64_t tokens, std::vector<std::pair<std::string, std::uint64_t>> words) {
        if (words.empty()) return;
        std::sort(words.begin(), words.end(), [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
        report_.tokensDropped.emplace_back(reason, tokens);
        report_.wordsDropped.emplace_back(reason, words.size());
        for (const auto& [word, times] : words) report_.dropped.rows.push_back({"word", word, reason, std::to_string(times)});
    }

    std::vector<bool> marks(const std::set<std::string>& words) const {
        std::vector<bool> marked;
        for (const std::string& form : tokenizer_.forms()) marked.push_back(words.contains(form));
        return marked;
    }

    void dropForms(const std::vector<bool>& marked, const std::string& reason) {
        std::map<std::uint32_t, std::uint64_t> gone;
        std::uint64_t tokens = 0;
        for (auto& document : tokens_) {
            std::erase_if(document, [&](const Token& token) {
                if (!marked[token.form]) return false;
                ++gone[token.form];
                ++tokens;
                return true;
            });
        }
        std::vector<std::pair<std::string, std::uint64_t>> words;
        for (const auto& [form, times] : gone) words.emplace_back(tokenizer_.forms()[form], times);
        count(reason, tokens, std::move(words));
    }

    Result<void> stem() {
        if (rules_.stemmer.empty() || rules_.stemmer == "none") return {};
        const std::unique_ptr<sb_stemmer, StemmerCloser> stemmer(sb_stemmer_new(rules_.stemmer.c_str(), "UTF_8"));
        if (!stemmer) return fail(ErrorCode::BadInput, fmt::format("There is no stemmer '{}'.", rules_.stemmer), fmt::format("Choose none or one of: {}.", fmt::join(stemmerNames(), ", ")));
        const std::size_t forms = tokenizer_.forms().size();
        std::vector<std::uint32_t> stemOf(forms);
        for (std::size_t form = 0; form < forms; ++form) {
            const std::string word = tokenizer_.forms()[form];
            const sb_symbol* stemmed = sb_stemmer_stem(stemmer.get(), reinterpret_cast<const sb_symbol*>(word.data()), static_cast<int>(word.size()));
            stemOf[form] = tokenizer_.formOf(std::string(reinterpret_cast<const char*>(stemmed), static_cast<std::size_t>(sb_stemmer_length(stemmer.get()))));
        }
        for (auto& document : tokens_)
            for (Token& token : document) token.form = stemOf[token.form];
        return {};
    }

    std::vector<std::uint64_t> documentCounts() const {
        std::vector<std::uint64_t> counts(tokenizer_.forms().size(), 0);
        std::vector<std::size_t> last(counts.size(), 0);
        for (std::size_t d = 0; d < tokens_.size(); ++d)
            for (const Token& token : tokens_[d])
                if (last[token.form] != d + 1) {
                    last[token.form] = d + 1;
                    ++counts[token.form];
                }
        return counts;
    }

    void dropByFrequency() {
        std::vector<std::uint64_t> counts = documentCounts();
        const double most = rules_.maximumShare * static_cast<double>(tokens_.size());
        std::vector<bool> rare(counts.size()), frequent(counts.size()), beyond(counts.size(), false);
        for (std::size_t f = 0; f < counts.size(); ++f) {
            rare[f] = counts[f] > 0 && static_cast<std::int64_t>(counts[f]) < rules_.minimumDocuments;
            frequent[f] = static_cast<double>(counts[f]) > most;
        }
        dropForms(rare, fmt::format("in fewer than {} documents", rules_.minimumDocuments));
        dropForms(frequent, fmt::format("in more than {:g} % of the documents", 100 * rules_.maximumShare));
        if (rules_.vocabularySize <= 0) return;
        std::vector<std::uint32_t> left;
        for (std::uint32_t f = 0; f < counts.size(); ++f)
            if (counts[f] > 0 && !rare[f] && !frequent[f]) left.push_back(f);
        std::sort(left.begin(), left.end(), [&](std::uint32_t a, std::uint32_t b) {
            return counts[a] != counts[b] ? counts[a] > counts[b] : tokenizer_.forms()[a] < tokenizer_.forms()[b];
        });
        for (std::size_t i = static_cast<std::size_t>(rules_.vocabularySize); i < left.size(); ++i) beyond[left[i]] = true;
        dropForms(beyond, fmt::format("beyond the {} words in most documents", rules_.vocabularySize));
    }

    void dropShortDocuments() {
        const std::string reason = rules_.minimumTokens <= 1 ? "no words left" : fmt::format("fewer than {} words left", rules_.minimumTokens);
        std::uint64_t tokens = 0;
        for (std::size_t d = 0; d < tokens_.size(); ++d) {
            const bool keep = static_cast<std::int64_t>(tokens_[d].size()) >= std::max<std::int64_t>(1, rules_.minimumTokens);
            if (keep) {
                kept_.push_back(d);
                continue;
            }
            tokens += tokens_[d].size();
            report_.dropped.rows.push_back({"document", raw_.documents[d].id, reason, std::to_string(tokens_[d].size())});
        }
        if (kept_.size() == tokens_.size()) return;
        report_.documentsDropped.emplace_back(reason, tokens_.size() - kept_.size());
        if (tokens) report_.tokensDropped.emplace_back("in documents that were dropped", tokens);
    }

    /// Final word ids, sorted by the bytes of the words, for forms that some kept document holds.
    std::vector<std::uint32_t> numberWords(Corpus& corpus) const {
        std::vector<bool> used(tokenizer_.forms().size(), false);
        for (const std::size_t d : kept_)
            for (const Token& token : tokens_[d]) used[token.form] = true;
        std::vector<std::uint32_t> order;
        for (std::uint32_t f = 0; f < used.size(); ++f)
            if (used[f]) order.push_back(f);
        std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return tokenizer_.forms()[a] < tokenizer_.forms()[b]; });
        std::vector<std::uint32_t> wordOf(used.size(), kDropped);
        for (const std::uint32_t f : order) {
            wordOf[f] = static_cast<std::uint32_t>(corpus.vocabulary.size());
            corpus.vocabulary.push_back(tokenizer_.forms()[f]);
        }
        return wordOf;
    }

    Result<Preprocessed> finish() {
        if (kept_.empty()) return fail(ErrorCode::BadInput, fmt::format("Nothing is left of {} documents with {} words: {}.", report_.documentsRead, report_.tokensRead, summary()),
                                       "Loosen the limits (min_doc_freq, max_doc_freq, min_tokens, token_pattern).");
        Preprocessed result;
        Corpus& corpus = result.corpus;
        corpus.ordered = raw_.ordered;
        const std::vector<std::uint32_t> wordOf = numberWords(corpus);
        std::vector<std::vector<std::string>> labels(raw_.levels.size());
        for (const std::size_t d : kept_) {
            RawDocument& document = raw_.documents[d];
            for (const Token& token : tokens_[d]) {
                corpus.words.push_back(wordOf[token.form]);
                result.texts.spans.push_back(token.span);
            }
            corpus.offsets.push_back(corpus.words.size());
            corpus.ids.push_back(document.id);
            corpus.rows.push_back(document.row);
            corpus.splits.push_back(document.split.value_or(Split::Train));
            for (std::size_t l = 0; l < labels.size(); ++l) labels[l].push_back(document.labels[l]);
            result.texts.texts.push_back(std::move(texts_[d]));
        }
        for (std::size_t l = 0; l < labels.size(); ++l) corpus.levels.push_back({raw_.levels[l], Categorical::fromTexts(labels[l])});
        drawTestSet(corpus);
        result.report = std::move(report_);
        return result;
    }

    void drawTestSet(Corpus& corpus) const {
        const bool given = std::any_of(raw_.documents.begin(), raw_.documents.end(), [](const RawDocument& d) { return d.split.has_value(); });
        if (given || rules_.testShare <= 0) return;
        std::vector<std::size_t> order(corpus.documents());
        std::iota(order.begin(), order.end(), 0);
        std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return randomBits(rules_.seed, 0, a) < randomBits(rules_.seed, 0, b); });
        const auto wanted = static_cast<std::size_t>(rules_.testShare * static_cast<double>(order.size()) + 0.5);
        for (std::size_t i = 0; i < wanted; ++i) corpus.splits[order[i]] = Split::Test;
    }

    std::string summary() const {
        std::string text;
        for (const auto& [reason, tokens] : report_.tokensDropped) text += fmt::format("{}{} words {}", text.empty() ? "" : "; ", tokens, reason);
        for (const auto& [reason, documents] : report_.documentsDropped) text += fmt::format("{}{} documents with {}", text.empty() ? "" : "; ", documents, reason);
        return text.empty() ? "the texts are empty" : text;
    }

    RawCorpus raw_;
    const PreprocessRules& rules_;
    Tokenizer tokenizer_;
    std::vector<std::string> texts_;
    std::vector<std::vector<Token>> tokens_;
    std::vector<std::size_t> kept_;
    PreprocessReport report_;
};

json listOf(const std::vector<std::pair<std::string, std::uint64_t>>& counts) {
    json list = json::array();
    for (const auto& [reason, count] : counts) list.push_back({{"reason", reason}, {"count", count}});
    return list;
}

}  // namespace

json PreprocessReport::toJson() const {
    return {{"documents_read", documentsRead}, {"tokens_read", tokensRead}, {"tokens_dropped", listOf(tokensDropped)}, {"words_dropped", listOf(wordsDropped)},
            {"documents_dropped", listOf(documentsDropped)}, {"phrases", phrases}};
}

PreprocessRules PreprocessRules::forPreparedText() {
    PreprocessRules rules;
    rules.tokens.spaces = true;
    rules.tokens.lowercase = false;
    return rules;
}

PreprocessRules PreprocessRules::forPlainText(std::size_t documents) {
    PreprocessRules rules;
    rules.tokens.pattern = kWordlike;
    rules.tokens.minimumLength = 2;
    rules.stopWords = "english";
    rules.minimumDocuments = documents < 100 ? 1 : 5;
    rules.maximumShare = documents < 100 ? 1 : 0.9;
    rules.minimumTokens = documents < 100 ? 1 : 5;
    return rules;
}

std::vector<std::string> stemmerNames() {
    std::vector<std::string> names;
    for (const char** name = sb_stemmer_list(); *name; ++name) names.emplace_back(*name);
    return names;
}

Result<Preprocessed> preprocess(RawCorpus raw, const PreprocessRules& rules, std::stop_token stop, const PreprocessProgress& progress) {
    DS_ASSIGN(Tokenizer tokenizer, Tokenizer::make(rules.tokens));
    return Pipeline(std::move(raw), rules, std::move(tokenizer)).run(std::move(stop), progress);
}

}  // namespace driftscope::topics
