#pragma once

#include <filesystem>
#include <functional>

#include "core/llm/text/examples.h"
#include "core/llm/text/prompt_template.h"
#include "core/llm/text/tokenizer.h"
#include "core/llm/train/token_set.h"

namespace driftscope::llm {

/// Reads JSON lines with a text each ({"text"}: all of it is to be said) or ids ({"ids", "prompt_length"}). `tokenizer` may be null for
/// ids; its end-of-sequence token ends every text. Longer samples are cut. Errors name file and line: neither layout, ids of
/// `vocabulary` or above, no rows.
Result<TokenSet> readTexts(const std::filesystem::path& file, const Tokenizer* tokenizer, std::int64_t maximumLength, std::int64_t vocabulary);

/// Examples under a template as tokens. Those whose prompt fills the whole length teach nothing: they are left out and named
/// through `warn`. Errors: all of them do.
Result<TokenSet> tokenSet(const Tokenizer& tokenizer, const PromptTemplate& form, const std::vector<Example>& examples, std::int64_t maximumLength,
                          const std::function<void(const std::string&)>& warn);

}  // namespace driftscope::llm
