#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/llm/text/examples.h"

namespace driftscope::llm {

/// How an example becomes the text a model reads. The answer follows after `separator`.
struct PromptTemplate {
    std::string withInput;     ///< holds {instruction} and {input}
    std::string withoutInput;  ///< holds {instruction}
    std::string separator;

    /// "alpaca" (Vaccine, Lisa: ends with "Response:"), "alpaca_newline" (Booster: ends with "Response:\n"), "question"
    /// (the demo: "Question: … Answer:", answers after a space). Errors: any other name.
    static Result<PromptTemplate> named(const std::string& name);
    static const std::vector<std::string>& names();

    /// The variant with input is used where the example has one.
    std::string prompt(const Example& example) const;
    std::string whole(const Example& example) const { return prompt(example) + separator + example.output; }
};

}  // namespace driftscope::llm
