#include "core/llm/text/pattern.h"

#include <unicode/regex.h>

#include "core/llm/text/unicode.h"

namespace driftscope::llm {
namespace {

/// ICU's \s lacks U+000B and U+0085.
std::string withWhiteSpaceProperty(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out.push_back(text[i]);
            continue;
        }
        const char next = text[++i];
        if (next == 's')
            out.append("\\p{White_Space}");
        else if (next == 'S')
            out.append("\\P{White_Space}");
        else
            out.append({'\\', next});
    }
    return out;
}

/// Where each UTF-16 unit of `text` starts in UTF-8, and the end.
std::vector<std::size_t> unitOffsets(std::string_view text) {
    std::vector<std::size_t> offsets;
    offsets.reserve(text.size() + 1);
    for (std::size_t at = 0; at < text.size();) {
        const std::uint32_t length = codePointAt(text, at).length;
        offsets.push_back(at);
        if (length == 4) offsets.push_back(at);
        at += length;
    }
    offsets.push_back(text.size());
    return offsets;
}

}  // namespace

struct Pattern::Compiled {
    std::unique_ptr<icu::RegexPattern> pattern;
};

Pattern Pattern::literal(std::string text) {
    Pattern pattern;
    pattern.literal_ = std::move(text);
    return pattern;
}

Result<Pattern> Pattern::expression(const std::string& text, const std::string& place) {
    UErrorCode code = U_ZERO_ERROR;
    UParseError where{};
    auto compiled = std::make_shared<Compiled>();
    compiled->pattern.reset(icu::RegexPattern::compile(icu::UnicodeString::fromUTF8(withWhiteSpaceProperty(text)), 0, where, code));
    if (U_FAILURE(code) || !compiled->pattern)
        return fail(ErrorCode::BadInput,
                    fmt::format("{} has the expression '{}', which is malformed at character {}.", place, text, where.offset),
                    "Check the file; expressions are read by ICU.");
    Pattern pattern;
    pattern.compiled_ = std::move(compiled);
    return pattern;
}

Result<std::vector<Pattern::Match>> Pattern::findAll(std::string_view text) const {
    std::vector<Match> matches;
    if (!compiled_) {
        if (literal_.empty()) return matches;
        for (std::size_t at = text.find(literal_); at != std::string_view::npos; at = text.find(literal_, at + literal_.size()))
            matches.push_back({at, at + literal_.size()});
        return matches;
    }
    UErrorCode code = U_ZERO_ERROR;
    const icu::UnicodeString wide = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
    const std::unique_ptr<icu::RegexMatcher> matcher(compiled_->pattern->matcher(wide, code));
    const std::vector<std::size_t> offsets = unitOffsets(text);
    while (U_SUCCESS(code) && matcher->find(code) && U_SUCCESS(code)) {
        const auto begin = static_cast<std::size_t>(matcher->start(code));
        const auto end = static_cast<std::size_t>(matcher->end(code));
        if (begin < end) matches.push_back({offsets[begin], offsets[end]});
    }
    if (U_FAILURE(code))
        return fail(ErrorCode::Unsupported,
                    fmt::format("An expression of the tokenizer gave up on a text of {} bytes: {}.", text.size(), u_errorName(code)),
                    "Split the text into shorter ones.");
    return matches;
}

}  // namespace driftscope::llm
