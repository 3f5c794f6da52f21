#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace driftscope::llm {

using TokenId = std::int32_t;

/// A half-open range of bytes of the text that was given to the tokenizer.
struct TextSpan {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    bool operator==(const TextSpan&) const = default;
};

/// The tokens of one text.
struct Encoding {
    std::vector<TokenId> ids;
    /// For every id the bytes it stands for. A token that holds part of a character spans the whole character; tokens that
    /// a template adds, and a prefix that a normaliser adds, span nothing.
    std::vector<TextSpan> spans;
    /// How many ids the template put before and after the text (beginning-of-sequence and the like).
    std::size_t addedBefore = 0;
    std::size_t addedAfter = 0;
};

/// Converts a byte range of `text` to a range of code points, the unit in which Hugging Face tokenizers count.
TextSpan toCodePoints(std::string_view text, TextSpan bytes);

}  // namespace driftscope::llm
