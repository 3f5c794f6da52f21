#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/llm/text/examples.h"

namespace driftscope::llm {

struct NamedSet {
    std::string name;
    const std::vector<Example>* examples = nullptr;
};

/// What the sets of a study share. Two prompts are the same when instruction and input are, apart from case and spaces.
struct OverlapReport {
    struct Within {
        std::string name;
        std::size_t rows = 0;
        std::size_t prompts = 0;                                  ///< different prompts
        std::size_t repeatedRows = 0;                             ///< rows whose prompt and answer came before
        std::size_t refusals = 0;                                 ///< answers that refuse
        std::vector<std::pair<std::string, std::string>> listed;  ///< places of repeated rows and of what they repeat
    };
    struct Between {
        std::string first, second;
        std::size_t prompts = 0;     ///< different prompts that are in both
        std::size_t answersToo = 0;  ///< of these, with the same answer
        std::vector<std::pair<std::string, std::string>> listed;
    };
    std::vector<Within> within;
    std::vector<Between> between;

    nlohmann::json toJson() const;
};

/// Compares every set with itself and with every other; lists at most `listed` pairs of each.
OverlapReport findOverlaps(const std::vector<NamedSet>& sets, std::size_t listed = 20);

/// Removes rows that repeat an earlier row of `examples`, and rows whose prompt is in `held` (test or alignment prompts
/// that must stay unseen). Returns how many went.
std::size_t removeRepeats(std::vector<Example>& examples, const std::vector<const std::vector<Example>*>& held = {});

}  // namespace driftscope::llm
