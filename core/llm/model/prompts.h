#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/job/job_context.h"
#include "core/llm/text/tokenizer.h"

namespace driftscope::llm {

/// What a model is asked to continue.
struct Prompt {
    std::string text;  ///< empty when only ids were given
    std::vector<std::int64_t> ids;
};

/// The parameters `prompt`, `ids` and (where `many`) `input` with `field`.
std::vector<ParamSpec> promptParams(bool many);

/// Prompts of a job: exactly one of the parameters must be set. `tokenizer` is opened from `model` when text must be read, and
/// left empty otherwise. Errors: none or several given, a text that cannot be tokenised.
Result<std::vector<Prompt>> readPrompts(const JobContext& job, std::optional<Tokenizer>& tokenizer);

/// Ids in the width tensors take.
Result<std::vector<std::int64_t>> tokenIds(const Tokenizer& tokenizer, const std::string& text, bool special = true);

/// The text of new tokens.
std::string decodeIds(const Tokenizer& tokenizer, const std::vector<std::int64_t>& ids);

/// Copies the tokenizer's and generation's settings of a model folder to another, so that it is a model of its own.
/// Errors: unwritable folder.
Result<void> copyTokenizer(const std::filesystem::path& from, const std::filesystem::path& to);

/// Ends answers at the first of some texts.
class StopTexts {
  public:
    StopTexts(const Tokenizer& tokenizer, std::vector<std::string> texts);
    /// Whether the newest tokens complete one of the texts.
    bool reached(const std::vector<std::int64_t>& ids) const;
    /// The answer without the text that ended it.
    std::string cut(std::string answer) const;

  private:
    const Tokenizer& tokenizer_;
    std::vector<std::string> texts_;
    std::size_t window_ = 0;  ///< tokens that can hold the longest of them
};

}  // namespace driftscope::llm
