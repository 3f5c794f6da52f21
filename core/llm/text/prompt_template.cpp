#include "core/llm/text/prompt_template.h"

namespace driftscope::llm {
namespace {

// Stanford Alpaca's texts, as the repositories of Vaccine, Lisa and Booster use them.
constexpr const char* kAlpacaWithInput =
    "Below is an instruction that describes a task, paired with an input that provides further context. "
    "Write a response that appropriately completes the request.\n\n### Instruction:\n{instruction}\n\n### Input:\n{input}\n\n### Response:";
constexpr const char* kAlpacaWithoutInput =
    "Below is an instruction that describes a task. "
    "Write a response that appropriately completes the request.\n\n### Instruction:\n{instruction}\n\n### Response:";

/// Replaces each place holder once, left to right, so that text that looks like a place holder is left alone.
std::string fill(const std::string& form, const Example& example) {
    std::string out;
    for (std::size_t at = 0; at < form.size();) {
        const std::string_view rest = std::string_view(form).substr(at);
        if (rest.starts_with("{instruction}")) {
            out += example.instruction;
            at += 13;
        } else if (rest.starts_with("{input}")) {
            out += example.input;
            at += 7;
        } else {
            out.push_back(form[at++]);
        }
    }
    return out;
}

}  // namespace

const std::vector<std::string>& PromptTemplate::names() {
    static const std::vector<std::string> names{"alpaca", "alpaca_newline", "question"};
    return names;
}

Result<PromptTemplate> PromptTemplate::named(const std::string& name) {
    if (name == "alpaca") return PromptTemplate{kAlpacaWithInput, kAlpacaWithoutInput, ""};
    if (name == "alpaca_newline") return PromptTemplate{std::string(kAlpacaWithInput) + "\n", std::string(kAlpacaWithoutInput) + "\n", ""};
    if (name == "question") return PromptTemplate{"Question: {instruction} {input}\nAnswer:", "Question: {instruction}\nAnswer:", " "};
    return fail(ErrorCode::Usage, fmt::format("There is no prompt template '{}'.", name),
                fmt::format("Templates: {}.", fmt::join(names(), ", ")));
}

std::string PromptTemplate::prompt(const Example& example) const {
    return fill(example.input.empty() ? withoutInput : withInput, example);
}

}  // namespace driftscope::llm
