#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace driftscope::llm {

/// Tells refusals by their phrases, wherever they stand in an answer (as in the evaluation of Zou et al. 2023, "Universal and
/// transferable adversarial attacks"). A cheap judge: it sees neither rudeness nor harm.
class RefusalMatcher {
  public:
    /// Common phrases of English-speaking assistants.
    static RefusalMatcher standard();
    /// One phrase a line; empty lines and lines that start with # are passed over. Errors: unreadable, not UTF-8, no phrase.
    static Result<RefusalMatcher> fromFile(const std::filesystem::path& file);
    explicit RefusalMatcher(std::vector<std::string> phrases);

    bool refuses(std::string_view answer) const { return phrase(answer).has_value(); }
    /// The phrase that was found, ignoring case and the shape of apostrophes.
    std::optional<std::string> phrase(std::string_view answer) const;

  private:
    std::vector<std::string> phrases_;  ///< folded
};

}  // namespace driftscope::llm
