#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace driftscope::llm {

/// A regular expression or a literal, as tokenizer.json writes them. Expressions run on ICU with \s and \S meaning the
/// property White_Space, as in the engines these files are written for.
class Pattern {
  public:
    struct Match {
        std::size_t begin = 0;
        std::size_t end = 0;
    };

    static Pattern literal(std::string text);
    /// Errors: a malformed expression, naming `place`.
    static Result<Pattern> expression(const std::string& text, const std::string& place);

    /// All non-overlapping, non-empty matches in `text` (valid UTF-8), in order. Errors: an expression that backtracks
    /// beyond ICU's limit.
    Result<std::vector<Match>> findAll(std::string_view text) const;

  private:
    std::string literal_;
    struct Compiled;
    std::shared_ptr<const Compiled> compiled_;
};

}  // namespace driftscope::llm
