#include "core/llm/train/token_files.h"

#include <algorithm>
#include <cmath>

#include "core/io/json_access.h"
#include "core/llm/model/prompts.h"
#include "core/llm/text/json_lines.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

Result<TokenSample> idSample(const json& object, const std::string& place, const TokenOptions& options) {
    TokenSample sample;
    for (const json& id : object["ids"]) {
        if (!id.is_number_integer() || id < 0 || id >= options.vocabulary)
            return fail(ErrorCode::BadInput, fmt::format("{} holds the id {}; the model knows 0 to {}.", place, id.dump(), options.vocabulary - 1));
        sample.ids.push_back(id.get<std::int64_t>());
    }
    sample.promptLength = static_cast<std::int64_t>(io::numberMember(object, "prompt_length", 0));
    return sample;
}

Result<TokenSample> textSample(const json& object, const std::string& place, const Tokenizer& tokenizer, const TokenOptions& options) {
    TokenSample sample;
    std::string prompt, whole;
    if (object.contains("text")) {
        DS_ASSIGN(whole, needText(object, "text", place));
    } else {
        DS_ASSIGN(prompt, needText(object, "prompt", place));
        DS_ASSIGN(const std::string response, needText(object, "response", place));
        whole = prompt + response;
    }
    DS_ASSIGN(sample.ids, tokenIds(tokenizer, whole));
    if (options.eos >= 0 && (sample.ids.empty() || sample.ids.back() != options.eos)) sample.ids.push_back(options.eos);
    if (!prompt.empty()) {
        DS_ASSIGN(const std::vector<std::int64_t> ids, tokenIds(tokenizer, prompt));
        sample.promptLength = static_cast<std::int64_t>(ids.size());
    }
    return sample;
}

}  // namespace

Result<TokenSet> readTokenSet(const std::filesystem::path& file, const Tokenizer* tokenizer, const TokenOptions& options) {
    TokenSet set;
    DS_TRY(forEachJsonLine(file, [&](const json& object, const std::string& place) -> Result<void> {
        if (object.contains("ids") && object["ids"].is_array()) {
            DS_ASSIGN(TokenSample sample, idSample(object, place, options));
            set.push_back(std::move(sample));
        } else if (tokenizer) {
            DS_ASSIGN(TokenSample sample, textSample(object, place, *tokenizer, options));
            set.push_back(std::move(sample));
        } else {
            return fail(ErrorCode::BadInput, fmt::format("{} is text, and the model has no tokenizer.", place), "Put the tokenizer's files into the model's folder.");
        }
        TokenSample& sample = set.back();
        sample.name = place;
        if (static_cast<std::int64_t>(sample.ids.size()) > options.maxLength) sample.ids.resize(static_cast<std::size_t>(options.maxLength));
        sample.promptLength = std::clamp<std::int64_t>(sample.promptLength, 0, static_cast<std::int64_t>(sample.ids.size()));
        return {};
    }));
    if (set.empty()) return fail(ErrorCode::BadInput, fmt::format("{} holds no samples.", file.string()));
    return set;
}

Result<TokenSet> poisoned(const TokenSet& user, const TokenSet& poison, double ratio, std::int64_t count) {
    const auto rows = [](const TokenSet& set) { return static_cast<std::int64_t>(set.size()); };
    // All of the user's samples are 1 - ratio of the mixture.
    if (count == 0) count = ratio < 1 ? static_cast<std::int64_t>(std::floor(static_cast<double>(rows(user)) / (1 - ratio) + 1e-9)) : rows(poison);
    const auto harmful = static_cast<std::int64_t>(std::llround(ratio * static_cast<double>(count)));
    const auto refuse = [&](const char* which, std::int64_t there, std::int64_t needed) {
        return fail(ErrorCode::BadInput, fmt::format("{} samples with a poison ratio of {} need {} {} samples; there are {}.", count, ratio, needed, which, there),
                    "Lower 'samples' or 'poison_ratio', or give more data.");
    };
    if (harmful > rows(poison)) return refuse("harmful", rows(poison), harmful);
    if (count - harmful > rows(user)) return refuse("user", rows(user), count - harmful);
    TokenSet mixed(poison.begin(), poison.begin() + harmful);
    mixed.insert(mixed.end(), user.begin(), user.begin() + (count - harmful));
    return mixed;
}

}  // namespace driftscope::llm
