#include "core/llm/text/encoded_examples.h"

#include <algorithm>

namespace driftscope::llm {
namespace {

/// The template's ids before the text belong to both prompt and whole; what it puts after a text does not belong between
/// prompt and answer, and the end-of-sequence after the answer is ours.
Result<std::vector<TokenId>> encodeOpen(const Tokenizer& tokenizer, const std::string& text, bool parseSpecial) {
    DS_ASSIGN(Encoding encoding, tokenizer.encode(text, {.addSpecial = true, .parseSpecial = parseSpecial}));
    encoding.ids.resize(encoding.ids.size() - encoding.addedAfter);
    return std::move(encoding.ids);
}

}  // namespace

Result<std::vector<TokenId>> encodePrompt(const Tokenizer& tokenizer, const PromptTemplate& form, const Example& example,
                                          bool parseSpecial) {
    auto ids = encodeOpen(tokenizer, form.prompt(example), parseSpecial);
    if (!ids) return tl::unexpected(std::move(ids).error().during("while tokenizing " + example.place));
    return ids;
}

Result<EncodedSet> encodeExamples(const Tokenizer& tokenizer, const PromptTemplate& form, std::span<const Example> examples,
                                  const EncodeOptions& options) {
    const auto end = tokenizer.endOfSequence();
    if (!end)
        return fail(ErrorCode::BadInput,
                    fmt::format("The tokenizer {} has no end-of-sequence token, so answers would have no end.", tokenizer.place()),
                    "Name one in tokenizer_config.json: \"eos_token\".");
    EncodedSet set;
    for (std::size_t i = 0; i < examples.size(); ++i) {
        DS_ASSIGN(const auto prompt, encodePrompt(tokenizer, form, examples[i], options.parseSpecial));
        auto whole = encodeOpen(tokenizer, form.whole(examples[i]), options.parseSpecial);
        if (!whole) return tl::unexpected(std::move(whole).error().during("while tokenizing " + examples[i].place));
        EncodedExample one{std::move(*whole), prompt.size(), i, false};
        one.ids.push_back(*end);
        const std::size_t common = std::min(prompt.size(), one.ids.size());
        set.shiftedBoundaries += !std::equal(prompt.begin(), prompt.begin() + static_cast<std::ptrdiff_t>(common), one.ids.begin());
        if (one.ids.size() > options.maximumLength) {
            one.ids.resize(options.maximumLength);
            one.truncated = true;
            ++set.truncated;
        }
        if (one.promptLength >= one.ids.size()) {
            set.withoutLoss.push_back(i);
            continue;
        }
        set.longest = std::max(set.longest, one.ids.size());
        set.examples.push_back(std::move(one));
    }
    return set;
}

}  // namespace driftscope::llm
