#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace driftscope::llm {

/// One code point and the bytes it takes in UTF-8.
struct CodePoint {
    char32_t value = 0;
    std::uint32_t length = 1;
};

/// The code point that starts at `at`. `text` must be valid UTF-8 and `at` a start.
inline CodePoint codePointAt(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[at + i])); };
    const char32_t first = byte(0);
    if (first < 0x80) return {first, 1};
    if (first < 0xE0) return {(first & 0x1F) << 6 | (byte(1) & 0x3F), 2};
    if (first < 0xF0) return {(first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
    return {(first & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
}

void appendUtf8(std::string& text, char32_t codePoint);

/// Where the first malformed sequence of `text` starts; empty when all of it is UTF-8.
std::optional<std::size_t> firstInvalidUtf8(std::string_view text);
/// Every malformed sequence (maximal subpart, Unicode 15 section 3.9) becomes U+FFFD.
std::string replaceInvalidUtf8(std::string_view text);

/// General categories L* and N*, the property White_Space, and what \w matches (UTS 18, annex C).
enum class CharacterClass : std::uint8_t { Letter, Number, Space, Other };
CharacterClass classify(char32_t codePoint);
bool isWordCharacter(char32_t codePoint);
inline bool isSpace(char32_t codePoint) {
    return classify(codePoint) == CharacterClass::Space;
}
/// Full lower-case mapping of one code point, without context.
void appendLowerCase(std::string& text, char32_t codePoint);

}  // namespace driftscope::llm
