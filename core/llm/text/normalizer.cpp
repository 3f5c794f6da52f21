#include "core/llm/text/normalizer.h"

#include <unicode/bytestream.h>
#include <unicode/edits.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include "core/llm/text/json_fields.h"
#include "core/llm/text/unicode.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

Result<void> run(const Normalizer::Prepend& step, AlignedText& text) {
    if (text.text().empty() || (step.unlessPresent && text.text().starts_with(step.text)) || (step.firstOnly && !text.startsText()))
        return {};
    AlignedText::Rewrite rewrite(text);
    rewrite.insert(0, step.text);
    rewrite.keep(0, text.text().size());
    std::move(rewrite).applyTo(text);
    return {};
}

Result<void> run(const Normalizer::Replace& step, AlignedText& text) {
    DS_ASSIGN(const auto matches, step.pattern.findAll(text.text()));
    if (matches.empty()) return {};
    AlignedText::Rewrite rewrite(text);
    std::size_t at = 0;
    for (const Pattern::Match& match : matches) {
        rewrite.keep(at, match.begin);
        rewrite.replace(match.begin, match.end, step.content);
        at = match.end;
    }
    rewrite.keep(at, text.text().size());
    std::move(rewrite).applyTo(text);
    return {};
}

Result<void> run(const Normalizer::Strip& step, AlignedText& text) {
    const std::string_view all = text.text();
    std::size_t begin = 0;
    std::size_t end = all.size();
    while (step.left && begin < end && isSpace(codePointAt(all, begin).value)) begin += codePointAt(all, begin).length;
    while (step.right && end > begin) {
        std::size_t start = end - 1;
        while ((static_cast<unsigned char>(all[start]) & 0xC0) == 0x80) --start;
        if (!isSpace(codePointAt(all, start).value)) break;
        end = start;
    }
    if (begin == 0 && end == all.size()) return {};
    AlignedText::Rewrite rewrite(text);
    rewrite.keep(begin, end);
    std::move(rewrite).applyTo(text);
    return {};
}

Result<void> run(const Normalizer::Collapse&, AlignedText& text) {
    const std::string_view all = text.text();
    AlignedText::Rewrite rewrite(text);
    bool any = false;
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t word = std::min(all.find_first_not_of(' ', at), all.size());
        if (word == all.size()) break;
        if (word > at && any) rewrite.replace(at, word, " ");
        at = std::min(all.find(' ', word), all.size());
        rewrite.keep(word, at);
        any = true;
    }
    std::move(rewrite).applyTo(text);
    return {};
}

Result<void> run(const Normalizer::Lowercase&, AlignedText& text) {
    AlignedText::Rewrite rewrite(text);
    std::string lower;
    for (std::size_t at = 0; at < text.text().size();) {
        const CodePoint point = codePointAt(text.text(), at);
        lower.clear();
        appendLowerCase(lower, point.value);
        rewrite.replace(at, at + point.length, lower);
        at += point.length;
    }
    std::move(rewrite).applyTo(text);
    return {};
}

const icu::Normalizer2* instance(Normalizer::Form form, UErrorCode& code) {
    switch (form) {
        case Normalizer::Form::Nfc:
            return icu::Normalizer2::getNFCInstance(code);
        case Normalizer::Form::Nfd:
            return icu::Normalizer2::getNFDInstance(code);
        case Normalizer::Form::Nfkc:
            return icu::Normalizer2::getNFKCInstance(code);
        default:
            return icu::Normalizer2::getNFKDInstance(code);
    }
}

Result<void> run(Normalizer::Form form, AlignedText& text) {
    UErrorCode code = U_ZERO_ERROR;
    const icu::Normalizer2* normalizer = instance(form, code);
    const icu::StringPiece piece(text.text().data(), static_cast<std::int32_t>(text.text().size()));
    if (U_SUCCESS(code) && normalizer->isNormalizedUTF8(piece, code)) return {};
    std::string changed;
    icu::StringByteSink<std::string> sink(&changed);
    icu::Edits edits;
    normalizer->normalizeUTF8(0, piece, sink, &edits, code);
    if (U_FAILURE(code)) return fail(ErrorCode::Internal, fmt::format("Unicode normalisation failed: {}.", u_errorName(code)));
    AlignedText::Rewrite rewrite(text);
    auto edit = edits.getFineIterator();
    while (edit.next(code)) {
        const auto begin = static_cast<std::size_t>(edit.sourceIndex());
        const auto end = begin + static_cast<std::size_t>(edit.oldLength());
        if (edit.hasChange())
            rewrite.replace(begin, end,
                            std::string_view(changed).substr(static_cast<std::size_t>(edit.destinationIndex()),
                                                             static_cast<std::size_t>(edit.newLength())));
        else
            rewrite.keep(begin, end);
    }
    std::move(rewrite).applyTo(text);
    return {};
}

Result<Normalizer::Step> readStep(const json& entry, const std::string& type, const std::string& place) {
    if (type == "Prepend") return Normalizer::Prepend{io::textMember(entry, "prepend")};
    if (type == "Replace") {
        const json* pattern = io::member(entry, "pattern");
        DS_ASSIGN(Pattern compiled, readPattern(pattern ? *pattern : json(), place));
        return Normalizer::Replace{std::move(compiled), io::textMember(entry, "content")};
    }
    if (type == "Strip") return Normalizer::Strip{flagMember(entry, "strip_left", true), flagMember(entry, "strip_right", true)};
    if (type == "Lowercase") return Normalizer::Lowercase{};
    if (type == "NFC") return Normalizer::Form::Nfc;
    if (type == "NFD") return Normalizer::Form::Nfd;
    if (type == "NFKC") return Normalizer::Form::Nfkc;
    if (type == "NFKD") return Normalizer::Form::Nfkd;
    return fail(ErrorCode::Unsupported, fmt::format("{} has the normalizer '{}', which is not supported.", place, type),
                "Supported: Sequence, Prepend, Replace, Strip, Lowercase, NFC, NFD, NFKC, NFKD.");
}

}  // namespace

Result<Pattern> readPattern(const json& entry, const std::string& place) {
    if (const json* text = io::member(entry, "String"); text && text->is_string()) return Pattern::literal(text->get<std::string>());
    if (const json* text = io::member(entry, "Regex"); text && text->is_string())
        return Pattern::expression(text->get<std::string>(), place);
    return fail(ErrorCode::BadInput, fmt::format("{} has a pattern that is neither {{\"String\": …}} nor {{\"Regex\": …}}.", place),
                "The file may be damaged.");
}

Result<Normalizer> Normalizer::fromJson(const json& entry, const std::string& place) {
    Normalizer normalizer;
    if (entry.is_null()) return normalizer;
    const std::string type = io::textMember(entry, "type");
    if (type == "Sequence") {
        for (const json& one : io::arrayMember(entry, "normalizers")) {
            DS_ASSIGN(Normalizer inner, fromJson(one, place));
            normalizer.steps_.insert(normalizer.steps_.end(), inner.steps_.begin(), inner.steps_.end());
        }
        return normalizer;
    }
    DS_ASSIGN(Step step, readStep(entry, type, place));
    normalizer.add(std::move(step));
    return normalizer;
}

Result<void> Normalizer::apply(AlignedText& text) const {
    for (const Step& step : steps_) DS_TRY(std::visit([&](const auto& one) { return run(one, text); }, step));
    return {};
}

}  // namespace driftscope::llm
