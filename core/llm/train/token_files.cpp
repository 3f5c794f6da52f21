#include "core/llm/train/token_files.h"

#include <algorithm>

#include "core/io/json_access.h"
#include "core/llm/model/prompts.h"
#include "core/llm/text/encoded_examples.h"
#include "core/llm/text/json_lines.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

Result<TokenSample> idSample(const json& object, const std::string& place, std::int64_t vocabulary) {
    TokenSample sample;
    for (const json& id : object["ids"]) {
        if (!id.is_number_integer() || id < 0 || id >= vocabulary) return fail(ErrorCode::BadInput, fmt::format("{} holds the id {}; the model knows 0 to {}.", place, id.dump(), vocabulary - 1));
        sample.ids.push_back(id.get<std::int64_t>());
    }
    sample.promptLength = static_cast<std::int64_t>(io::numberMember(object, "prompt_length", 0));
    return sample;
}

Result<TokenSample> textSample(const json& object, const std::string& place, const Tokenizer* tokenizer) {
    if (!tokenizer) return fail(ErrorCode::BadInput, fmt::format("{} is text, and the model has no tokenizer.", place), "Put the tokenizer's files into the model's folder.");
    DS_ASSIGN(const std::string text, needText(object, "text", place));
    TokenSample sample;
    DS_ASSIGN(sample.ids, tokenIds(*tokenizer, text));
    if (const auto eos = tokenizer->endOfSequence(); eos && (sample.ids.empty() || sample.ids.back() != *eos)) sample.ids.push_back(*eos);
    return sample;
}

}  // namespace

Result<TokenSet> readTexts(const std::filesystem::path& file, const Tokenizer* tokenizer, std::int64_t maximumLength, std::int64_t vocabulary) {
    TokenSet set;
    DS_TRY(forEachJsonLine(file, [&](const json& object, const std::string& place) -> Result<void> {
        const bool ids = object.contains("ids") && object["ids"].is_array();
        DS_ASSIGN(TokenSample sample, ids ? idSample(object, place, vocabulary) : textSample(object, place, tokenizer));
        sample.name = place;
        if (static_cast<std::int64_t>(sample.ids.size()) > maximumLength) sample.ids.resize(static_cast<std::size_t>(maximumLength));
        sample.promptLength = std::clamp<std::int64_t>(sample.promptLength, 0, static_cast<std::int64_t>(sample.ids.size()));
        set.push_back(std::move(sample));
        return {};
    }));
    if (set.empty()) return fail(ErrorCode::BadInput, fmt::format("{} holds no samples.", file.string()));
    return set;
}

Result<TokenSet> tokenSet(const Tokenizer& tokenizer, const PromptTemplate& form, const std::vector<Example>& examples, std::int64_t maximumLength,
                          const std::function<void(const std::string&)>& warn) {
    DS_ASSIGN(const EncodedSet encoded, encodeExamples(tokenizer, form, examples, {.maximumLength = static_cast<std::size_t>(maximumLength)}));
    if (encoded.examples.empty())
        return fail(ErrorCode::BadInput, fmt::format("No token is left to learn: in all {} samples, from {} on, the prompt fills the {} tokens.", examples.size(),
                                                     examples.empty() ? "none" : examples.front().place, maximumLength),
                    "Raise 'max_length', shorten the prompts, or use a shorter template.");
    if (!encoded.withoutLoss.empty())
        warn(fmt::format("{} samples are left out, the first {}: their prompt fills all {} tokens.", encoded.withoutLoss.size(), examples[encoded.withoutLoss.front()].place, maximumLength));
    if (encoded.truncated > 0) warn(fmt::format("{} answers are cut at {} tokens.", encoded.truncated, maximumLength));
    TokenSet set;
    for (const EncodedExample& one : encoded.examples)
        set.push_back({{one.ids.begin(), one.ids.end()}, static_cast<std::int64_t>(one.promptLength), examples[one.example].place});
    return set;
}

}  // namespace driftscope::llm
