#pragma once

#include <span>
#include <vector>

#include "core/llm/text/prompt_template.h"
#include "core/llm/text/tokenizer.h"

namespace driftscope::llm {

/// An example as ids: prompt, answer and end-of-sequence. The first `promptLength` ids carry no loss.
struct EncodedExample {
    std::vector<TokenId> ids;
    std::size_t promptLength = 0;
    std::size_t example = 0;  ///< index into the examples
    bool truncated = false;
};

struct EncodeOptions {
    std::size_t maximumLength = 200;  ///< ids beyond are cut off, as in Vaccine (Booster 256, Lisa 2048)
    bool parseSpecial = false;        ///< read special tokens written in the data as tokens; upstream does
};

/// A set as ids, and what cutting did to it.
struct EncodedSet {
    std::vector<EncodedExample> examples;
    std::size_t truncated = 0;             ///< answers that lost their end
    std::vector<std::size_t> withoutLoss;  ///< examples whose prompt alone fills the limit: nothing to learn; not in `examples`
    std::size_t shiftedBoundaries =
        0;  ///< where the prompt's own tokens are not the start of the whole's: the mask may be off by one token
    std::size_t longest = 0;
};

/// Prompt and answer are tokenised as one string, and the prompt by itself to know how long it is, as upstream does.
/// Errors name the example: text without token, a tokenizer without end-of-sequence.
Result<EncodedSet> encodeExamples(const Tokenizer& tokenizer, const PromptTemplate& form, std::span<const Example> examples,
                                  const EncodeOptions& options);

/// The prompt alone, for generation, with what the tokenizer's template puts before it.
Result<std::vector<TokenId>> encodePrompt(const Tokenizer& tokenizer, const PromptTemplate& form, const Example& example,
                                          bool parseSpecial = false);

}  // namespace driftscope::llm
