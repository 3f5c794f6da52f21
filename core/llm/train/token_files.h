#pragma once

#include <filesystem>

#include "core/llm/text/tokenizer.h"
#include "core/llm/train/token_set.h"

namespace driftscope::llm {

struct TokenOptions {
    std::int64_t maxLength = 256;  ///< longer samples are cut at the end
    std::int64_t vocabulary = 0;   ///< ids must be below
    std::int64_t eos = -1;         ///< appended to what is to be said; -1 appends nothing
};

/// Reads JSON lines: {"prompt", "response"}, {"text"} (all of it is to be said) or {"ids", "prompt_length"}. Prompt and answer are
/// tokenised as one text, the prompt's length is that of the prompt alone. `tokenizer` may be null for files of ids.
/// Errors name file and line: none of these layouts, ids outside the vocabulary, no rows.
Result<TokenSet> readTokenSet(const std::filesystem::path& file, const Tokenizer* tokenizer, const TokenOptions& options);

/// Round(ratio * count) samples of `poison` in file order, then samples of `user` up to `count`. count 0 takes all of `user` that fit.
/// Errors: too few samples for that.
Result<TokenSet> poisoned(const TokenSet& user, const TokenSet& poison, double ratio, std::int64_t count);

}  // namespace driftscope::llm
