#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace driftscope::llm {

/// GPT-2's table of 256 printable characters, one per byte, in which byte-level tokens are written.
class ByteAlphabet {
  public:
    ByteAlphabet();
    /// The character (UTF-8) that stands for a byte.
    const std::string& character(unsigned char byte) const { return characters_[byte]; }
    /// The byte a character stands for.
    std::optional<unsigned char> byte(char32_t character) const;
    std::string write(std::string_view bytes) const;
    /// The bytes of a token; empty when a character stands for none.
    std::optional<std::string> read(std::string_view token) const;

  private:
    std::array<std::string, 256> characters_;
    std::array<int, 0x144> bytes_;
};

}  // namespace driftscope::llm
