#include "core/llm/text/scan.h"

#include "core/llm/text/unicode.h"

namespace driftscope::llm {
namespace {

struct Character {
    CharacterClass kind = CharacterClass::Other;
    std::size_t end = 0;
    char32_t value = 0;
};

Character read(std::string_view text, std::size_t at) {
    const CodePoint point = codePointAt(text, at);
    return {classify(point.value), at + point.length, point.value};
}

std::size_t skip(std::string_view text, std::size_t at, CharacterClass kind) {
    while (at < text.size()) {
        const Character next = read(text, at);
        if (next.kind != kind) break;
        at = next.end;
    }
    return at;
}

bool isLineEnd(char32_t c) {
    return c == '\r' || c == '\n';
}

/// The end of \s+(?!\S)|\s+ for the white space that starts at `at`: all of it at the end of the text, else all but the
/// last character, else that one.
std::size_t endOfSpace(std::string_view text, std::size_t at) {
    std::size_t last = at;
    std::size_t end = at;
    while (end < text.size()) {
        const Character next = read(text, end);
        if (next.kind != CharacterClass::Space) break;
        last = end;
        end = next.end;
    }
    return end == text.size() || last == at ? end : last;
}

/// The end of an English contraction after the apostrophe at `at`, or `at`.
std::size_t endOfContraction(std::string_view text, std::size_t at, bool anyCase) {
    std::string letters;
    std::size_t end = at + 1;
    std::size_t ends[3] = {end, end, end};
    for (int i = 1; i <= 2 && end < text.size(); ++i) {
        const CodePoint point = codePointAt(text, end);
        char32_t c = point.value;
        if (anyCase && c >= 'A' && c <= 'Z') c += 32;
        if (anyCase && c == 0x17F) c = 's';  // long s folds to s
        letters.push_back(c < 128 ? static_cast<char>(c) : '?');
        end += point.length;
        ends[i] = end;
    }
    if (!letters.empty() && std::string_view("stmd").find(letters[0]) != std::string_view::npos) return ends[1];
    if (letters == "re" || letters == "ve" || letters == "ll") return ends[2];
    return at;
}

}  // namespace

const std::string_view kGpt2Expression = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
const std::string_view kLlama3Expression =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
const std::string_view kQwen2Expression =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

std::size_t scanGpt2(std::string_view text, std::size_t at) {
    const Character first = read(text, at);
    if (first.value == '\'') {
        if (const std::size_t end = endOfContraction(text, at, false); end > at) return end;
    }
    if (first.kind != CharacterClass::Space) return skip(text, first.end, first.kind);
    if (first.value == ' ' && first.end < text.size()) {
        const Character second = read(text, first.end);
        if (second.kind != CharacterClass::Space) return skip(text, second.end, second.kind);
    }
    return endOfSpace(text, at);
}

std::size_t scanLlama3(std::string_view text, std::size_t at, int digits) {
    const Character first = read(text, at);
    if (first.value == '\'') {
        if (const std::size_t end = endOfContraction(text, at, true); end > at) return end;
    }
    if (first.kind == CharacterClass::Letter) return skip(text, first.end, CharacterClass::Letter);
    if (first.kind == CharacterClass::Number) {
        std::size_t end = first.end;
        for (int i = 1; i < digits && end < text.size(); ++i) {
            const Character next = read(text, end);
            if (next.kind != CharacterClass::Number) break;
            end = next.end;
        }
        return end;
    }
    const bool more = first.end < text.size();
    const Character second = more ? read(text, first.end) : Character{};
    if (more && second.kind == CharacterClass::Letter && !isLineEnd(first.value)) return skip(text, second.end, CharacterClass::Letter);
    if (first.kind == CharacterClass::Other || (more && first.value == ' ' && second.kind == CharacterClass::Other)) {
        std::size_t end = skip(text, first.kind == CharacterClass::Other ? first.end : second.end, CharacterClass::Other);
        while (end < text.size() && isLineEnd(static_cast<unsigned char>(text[end]))) ++end;
        return end;
    }
    std::size_t newline = at;  // the end of the last line end within this white space
    for (std::size_t end = at; end < text.size();) {
        const Character next = read(text, end);
        if (next.kind != CharacterClass::Space) break;
        end = next.end;
        if (isLineEnd(next.value)) newline = end;
    }
    return newline > at ? newline : endOfSpace(text, at);
}

}  // namespace driftscope::llm
