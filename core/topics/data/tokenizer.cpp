#include "core/topics/data/tokenizer.h"

#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/regex.h>
#include <unicode/utext.h>

namespace driftscope::topics {

struct Tokenizer::Engine {
    icu::Locale locale;
    std::unique_ptr<icu::BreakIterator> words;
    std::unique_ptr<icu::RegexMatcher> pattern;
    const icu::Normalizer2* normalizer = nullptr;
};

namespace {

bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

bool plainAscii(std::string_view text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) >= 0x80) return false;
    return true;
}

/// Typographic apostrophes become plain ones, and the English possessive falls away: "dog's" counts as "dog".
void tidyApostrophes(icu::UnicodeString& word) {
    word.findAndReplace(icu::UnicodeString(u'\u2019'), icu::UnicodeString(u'\''));
    const int length = word.length();
    if (length > 2 && word[length - 2] == u'\'' && (word[length - 1] == u's' || word[length - 1] == u'S')) word.truncate(length - 2);
}

}  // namespace

Tokenizer::Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Result<Tokenizer> Tokenizer::make(const TokenRules& rules) {
    Tokenizer made;
    made.rules_ = rules;
    made.engine_ = std::make_unique<Engine>();
    Engine& engine = *made.engine_;
    UErrorCode status = U_ZERO_ERROR;
    engine.locale = icu::Locale::forLanguageTag(rules.language, status);
    if (U_FAILURE(status) || std::string_view(engine.locale.getLanguage()).empty())
        return fail(ErrorCode::BadInput, fmt::format("'{}' is not a language.", rules.language), "Use a language tag such as en, de or zh.");
    engine.words.reset(icu::BreakIterator::createWordInstance(engine.locale, status));
    engine.normalizer = icu::Normalizer2::getNFCInstance(status);
    if (U_FAILURE(status)) return fail(ErrorCode::Internal, fmt::format("ICU cannot find words: {}.", u_errorName(status)), "Its data may be missing: install libicu72.");
    if (!rules.pattern.empty()) {
        engine.pattern = std::make_unique<icu::RegexMatcher>(icu::UnicodeString::fromUTF8(rules.pattern), 0, status);
        if (U_FAILURE(status)) return fail(ErrorCode::BadInput, fmt::format("'{}' is not a regular expression: {}.", rules.pattern, u_errorName(status)), "See token_pattern in --help.");
        // A hostile pattern must not run for ever on a word.
        engine.pattern->setTimeLimit(1000, status);
    }
    return made;
}

const std::vector<std::string>& Tokenizer::forms() const {
    return forms_;
}

std::uint32_t Tokenizer::formOf(const std::string& form) {
    const auto [entry, isNew] = idOf_.try_emplace(form, static_cast<std::uint32_t>(forms_.size()));
    if (isNew) forms_.push_back(form);
    return entry->second;
}

Tokenizer::Outcome Tokenizer::judge(const std::string& raw) {
    UErrorCode status = U_ZERO_ERROR;
    icu::UnicodeString word = icu::UnicodeString::fromUTF8(raw);
    if (!rules_.spaces) {
        if (!plainAscii(raw)) word = engine_->normalizer->normalize(word, status);
        tidyApostrophes(word);
    }
    if (rules_.lowercase) word.toLower(engine_->locale);
    if (engine_->pattern) {
        engine_->pattern->reset(word);
        if (!engine_->pattern->matches(status) || U_FAILURE(status)) return {TokenFate::Pattern};
    }
    if (word.countChar32() < rules_.minimumLength) return {TokenFate::Short};
    std::string form;
    word.toUTF8String(form);
    return {TokenFate::Kept, formOf(form)};
}

void Tokenizer::add(std::string_view text, std::size_t begin, std::size_t end, std::vector<Token>& out) {
    std::string raw(text.substr(begin, end - begin));
    auto entry = outcomes_.find(raw);
    if (entry == outcomes_.end()) {
        const Outcome outcome = judge(raw);
        entry = outcomes_.emplace(std::move(raw), outcome).first;
    }
    ++entry->second.count;
    if (entry->second.fate == TokenFate::Kept)
        out.push_back({entry->second.form, {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}});
    else
        ++dropped_[static_cast<std::size_t>(entry->second.fate)];
}

std::vector<Token> Tokenizer::tokens(std::string_view text) {
    std::vector<Token> out;
    if (rules_.spaces) {
        for (std::size_t at = 0; at < text.size();) {
            while (at < text.size() && blank(text[at])) ++at;
            const std::size_t begin = at;
            while (at < text.size() && !blank(text[at])) ++at;
            if (at > begin) add(text, begin, at, out);
        }
        return out;
    }
    UErrorCode status = U_ZERO_ERROR;
    UText* utf8 = utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &status);
    engine_->words->setText(utf8, status);
    std::int32_t begin = engine_->words->first();
    for (std::int32_t end = engine_->words->next(); end != icu::BreakIterator::DONE; begin = end, end = engine_->words->next())
        // Below this status lie blanks and punctuation.
        if (engine_->words->getRuleStatus() >= UBRK_WORD_NONE_LIMIT) add(text, static_cast<std::size_t>(begin), static_cast<std::size_t>(end), out);
    utext_close(utf8);
    return out;
}

std::vector<std::pair<std::string, std::uint64_t>> Tokenizer::droppedForms(TokenFate fate) const {
    std::vector<std::pair<std::string, std::uint64_t>> forms;
    for (const auto& [raw, outcome] : outcomes_)
        if (outcome.fate == fate) forms.emplace_back(raw, outcome.count);
    return forms;
}

}  // namespace driftscope::topics
