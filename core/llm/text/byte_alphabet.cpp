#include "core/llm/text/byte_alphabet.h"

#include "core/llm/text/unicode.h"

namespace driftscope::llm {

ByteAlphabet::ByteAlphabet() {
    bytes_.fill(-1);
    char32_t next = 256;
    for (int byte = 0; byte < 256; ++byte) {
        const bool printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
        const char32_t character = printable ? static_cast<char32_t>(byte) : next++;
        appendUtf8(characters_[static_cast<std::size_t>(byte)], character);
        bytes_[character] = byte;
    }
}

std::optional<unsigned char> ByteAlphabet::byte(char32_t character) const {
    if (character >= bytes_.size() || bytes_[character] < 0) return std::nullopt;
    return static_cast<unsigned char>(bytes_[character]);
}

std::string ByteAlphabet::write(std::string_view bytes) const {
    std::string token;
    for (char byte : bytes) token += character(static_cast<unsigned char>(byte));
    return token;
}

std::optional<std::string> ByteAlphabet::read(std::string_view token) const {
    std::string bytes;
    for (std::size_t at = 0; at < token.size();) {
        const CodePoint point = codePointAt(token, at);
        const auto one = byte(point.value);
        if (!one) return std::nullopt;
        bytes.push_back(static_cast<char>(*one));
        at += point.length;
    }
    return bytes;
}

}  // namespace driftscope::llm
