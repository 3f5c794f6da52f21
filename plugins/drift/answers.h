#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace driftscope::drift {

/// The state before training, where steps count from 0.
inline constexpr std::int64_t kBefore = -1;

/// What a model answered and what the judge said of it.
struct Answer {
    std::string text;
    std::optional<bool> harmful, refused, incoherent;
    std::optional<double> content;  ///< share of the forbidden content it delivers
};

/// A prompt that was asked.
struct AskedPrompt {
    std::string instruction, input, output;
    std::string set;  ///< "harmful", "benign" or "task"
    std::optional<bool> harmful;
};

/// What a prompt is known by everywhere: the instruction, and its input after a line break.
std::string promptKey(const std::string& instruction, const std::string& input);

/// The answers a run kept: answers/step-N.jsonl, and answers/before.jsonl of llm.drift.
class AnswerBook {
  public:
    /// An empty book when the run kept none. Errors: a line that is no answer (file and line named).
    static Result<AnswerBook> read(const std::filesystem::path& folder);

    bool empty() const { return steps_.empty(); }
    std::vector<std::int64_t> steps() const;
    /// What was asked, in order, from the first page on.
    const std::vector<AskedPrompt>& prompts() const { return prompts_; }
    /// The answer at this step. The state before training is that at step 0, unless it was asked itself; null when the prompt
    /// was not asked then.
    const Answer* find(const std::string& prompt, std::int64_t step) const;

  private:
    Result<void> readPage(const std::filesystem::path& file, std::int64_t step);

    std::vector<AskedPrompt> prompts_;
    std::map<std::int64_t, std::map<std::string, Answer>> steps_;
};

}  // namespace driftscope::drift
