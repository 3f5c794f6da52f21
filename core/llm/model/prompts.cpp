#include "core/llm/model/prompts.h"

#include <algorithm>

#include "core/llm/text/json_lines.h"

namespace driftscope::llm {

using nlohmann::json;

std::vector<ParamSpec> promptParams(bool many) {
    std::vector<ParamSpec> params{
        {.name = "prompt", .type = ParamType::Text, .help = "Text to read; the tokenizer adds what its template adds.", .optional = true},
        {.name = "ids", .type = ParamType::IntList, .fallback = json::array(), .help = "Token ids to read, instead of a text.", .minimum = 0}};
    if (!many) return params;
    params.push_back({.name = "input", .type = ParamType::Path, .help = "JSON lines with a prompt each, instead of one.", .optional = true});
    params.push_back({.name = "field", .type = ParamType::Text, .fallback = "prompt", .help = "The field of 'input' that holds the prompt."});
    return params;
}

Result<std::vector<std::int64_t>> tokenIds(const Tokenizer& tokenizer, const std::string& text, bool special) {
    DS_ASSIGN(const std::vector<TokenId> ids, tokenizer.ids(text, {special, true}));
    return std::vector<std::int64_t>(ids.begin(), ids.end());
}

std::string decodeIds(const Tokenizer& tokenizer, const std::vector<std::int64_t>& ids) {
    const std::vector<TokenId> narrow(ids.begin(), ids.end());
    return tokenizer.decode(narrow, true);
}

Result<std::vector<Prompt>> readPrompts(const JobContext& job, std::optional<Tokenizer>& tokenizer) {
    const Params& params = job.params();
    const bool many = params.values().contains("input");
    const std::string input = many ? params.text("input") : std::string();
    const std::vector<std::int64_t> ids = params.integers("ids");
    const int given = static_cast<int>(params.isSet("prompt")) + static_cast<int>(!ids.empty()) + static_cast<int>(!input.empty());
    if (given != 1) return fail(ErrorCode::Usage, fmt::format("{} of 'prompt', 'ids'{} are set.", given, many ? " and 'input'" : ""), "Set exactly one.");
    if (!ids.empty()) return std::vector<Prompt>{{{}, ids}};
    DS_ASSIGN(tokenizer, Tokenizer::open(params.text("model")));
    std::vector<Prompt> prompts;
    const auto add = [&](const std::string& text) -> Result<void> {
        DS_ASSIGN(std::vector<std::int64_t> own, tokenIds(*tokenizer, text));
        prompts.push_back({text, std::move(own)});
        return {};
    };
    if (input.empty()) {
        DS_TRY(add(params.text("prompt")));
        return prompts;
    }
    DS_TRY(forEachJsonLine(input, [&](const json& object, const std::string& place) -> Result<void> {
        DS_ASSIGN(const std::string text, needText(object, params.text("field"), place));
        return add(text);
    }));
    if (prompts.empty()) return fail(ErrorCode::BadInput, fmt::format("{} holds no prompts.", input));
    return prompts;
}

Result<void> copyTokenizer(const std::filesystem::path& from, const std::filesystem::path& to) {
    for (const char* name : {"tokenizer.json", "tokenizer_config.json", "tokenizer.model", "vocab.json", "merges.txt", "special_tokens_map.json", "added_tokens.json",
                             "generation_config.json", "chat_template.jinja"}) {
        if (from.empty() || !std::filesystem::exists(from / name)) continue;
        std::error_code code;
        std::filesystem::copy_file(from / name, to / name, std::filesystem::copy_options::overwrite_existing, code);
        if (code) return fail(ErrorCode::Io, fmt::format("{} cannot be copied to {}: {}.", (from / name).string(), to.string(), code.message()));
    }
    return {};
}

StopTexts::StopTexts(const Tokenizer& tokenizer, std::vector<std::string> texts) : tokenizer_(tokenizer), texts_(std::move(texts)) {
    std::erase(texts_, std::string());
    for (const std::string& text : texts_) window_ = std::max(window_, text.size() + 4);
}

bool StopTexts::reached(const std::vector<std::int64_t>& ids) const {
    if (texts_.empty()) return false;
    const std::size_t from = ids.size() > window_ ? ids.size() - window_ : 0;
    const std::string tail = decodeIds(tokenizer_, {ids.begin() + static_cast<std::ptrdiff_t>(from), ids.end()});
    return std::any_of(texts_.begin(), texts_.end(), [&](const std::string& text) { return tail.find(text) != std::string::npos; });
}

std::string StopTexts::cut(std::string answer) const {
    std::size_t end = answer.size();
    for (const std::string& text : texts_) end = std::min(end, answer.find(text));
    answer.resize(std::min(end, answer.size()));
    return answer;
}

}  // namespace driftscope::llm
