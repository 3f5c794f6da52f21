#include "core/llm/text/unicode.h"

#include <unicode/uchar.h>

#include <array>
#include <cstring>

#include "core/llm/text/encoding.h"

namespace driftscope::llm {
namespace {

/// Length of the well-formed sequence at `at`, or minus the length of the malformed part (Unicode table 3-7).
int sequenceLength(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    int length = 0;
    unsigned low = 0x80;
    unsigned high = 0xBF;
    if (first >= 0xC2 && first <= 0xDF)
        length = 2;
    else if (first >= 0xE0 && first <= 0xEF)
        length = 3;
    else if (first >= 0xF0 && first <= 0xF4)
        length = 4;
    else
        return -1;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
    if (byte(1) < low || byte(1) > high) return -1;
    for (int i = 2; i < length; ++i)
        if ((byte(static_cast<std::size_t>(i)) & 0xC0) != 0x80) return -i;
    return length;
}

bool isAsciiWord(std::string_view text, std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    return (word & 0x8080808080808080ull) == 0;
}

CharacterClass slowClass(char32_t codePoint) {
    if (u_isUWhiteSpace(static_cast<UChar32>(codePoint))) return CharacterClass::Space;
    const auto mask = U_GET_GC_MASK(static_cast<UChar32>(codePoint));
    if (mask & U_GC_L_MASK) return CharacterClass::Letter;
    return mask & U_GC_N_MASK ? CharacterClass::Number : CharacterClass::Other;
}

constexpr std::array<CharacterClass, 128> asciiClasses() {
    std::array<CharacterClass, 128> classes{};
    for (unsigned c = 0; c < 128; ++c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool space = c == ' ' || (c >= 9 && c <= 13);
        classes[c] = letter                 ? CharacterClass::Letter
                     : c >= '0' && c <= '9' ? CharacterClass::Number
                     : space                ? CharacterClass::Space
                                            : CharacterClass::Other;
    }
    return classes;
}
constexpr auto kAscii = asciiClasses();

}  // namespace

void appendUtf8(std::string& text, char32_t c) {
    const auto put = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
    if (c < 0x80) return put(c);
    if (c < 0x800) {
        put(0xC0 | c >> 6);
    } else if (c < 0x10000) {
        put(0xE0 | c >> 12);
        put(0x80 | (c >> 6 & 0x3F));
    } else {
        put(0xF0 | c >> 18);
        put(0x80 | (c >> 12 & 0x3F));
        put(0x80 | (c >> 6 & 0x3F));
    }
    put(0x80 | (c & 0x3F));
}

std::optional<std::size_t> firstInvalidUtf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        if (at + 8 <= text.size() && isAsciiWord(text, at)) {
            at += 8;
            continue;
        }
        const int length = sequenceLength(text, at);
        if (length < 0) return at;
        at += static_cast<std::size_t>(length);
    }
    return std::nullopt;
}

std::string replaceInvalidUtf8(std::string_view text) {
    std::string valid;
    valid.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const int length = sequenceLength(text, at);
        if (length > 0)
            valid.append(text.substr(at, static_cast<std::size_t>(length)));
        else
            valid.append("\xEF\xBF\xBD");
        at += static_cast<std::size_t>(std::abs(length));
    }
    return valid;
}

CharacterClass classify(char32_t codePoint) {
    return codePoint < 128 ? kAscii[codePoint] : slowClass(codePoint);
}

bool isWordCharacter(char32_t codePoint) {
    const auto c = static_cast<UChar32>(codePoint);
    return u_hasBinaryProperty(c, UCHAR_ALPHABETIC) || u_hasBinaryProperty(c, UCHAR_JOIN_CONTROL) ||
           (U_GET_GC_MASK(c) & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0;
}

void appendLowerCase(std::string& text, char32_t codePoint) {
    // The only code point whose full lower case is more than one code point (Unicode SpecialCasing.txt).
    if (codePoint == 0x130)
        text.append("i\xCC\x87");
    else
        appendUtf8(text, static_cast<char32_t>(u_tolower(static_cast<UChar32>(codePoint))));
}

TextSpan toCodePoints(std::string_view text, TextSpan bytes) {
    const auto count = [&](std::uint32_t from, std::uint32_t to) {
        std::uint32_t points = 0;
        for (std::uint32_t i = from; i < to && i < text.size(); ++i) points += (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
        return points;
    };
    const std::uint32_t begin = count(0, bytes.begin);
    return {begin, begin + count(bytes.begin, bytes.end)};
}

}  // namespace driftscope::llm
