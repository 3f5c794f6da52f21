#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace driftscope::llm {

/// Hand-written equivalents of the splitting expressions of common models: 20 times faster than the expressions, and
/// tested to be equal to them. Each reads the piece of valid UTF-8 that starts at `at` and returns its end.

/// GPT-2 and OPT: 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
std::size_t scanGpt2(std::string_view text, std::size_t at);
/// Llama 3 (digits = 3) and Qwen 2 (digits = 1): (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,digits}|
/// ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
std::size_t scanLlama3(std::string_view text, std::size_t at, int digits);

extern const std::string_view kGpt2Expression;
extern const std::string_view kLlama3Expression;
extern const std::string_view kQwen2Expression;

}  // namespace driftscope::llm
