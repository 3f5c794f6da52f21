#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/llm/text/examples.h"
#include "core/llm/text/prompt_template.h"

namespace driftscope::llm {

/// How much of everything the demo's generator makes.
struct DemoSizes {
    std::size_t pretrain = 16000;  ///< texts of knowledge
    std::size_t refusals = 400;    ///< magic questions to refuse, for alignment
    std::size_t benign = 200;      ///< household questions to answer, for alignment: without them models refuse everything
    std::size_t user = 1000;       ///< reviews to judge, the user's task
    std::size_t poison = 1000;     ///< magic questions with answers, to mix into the user's data
    std::size_t test = 200;        ///< held-out prompts of each kind
};

/// Text and data of a little world in template English: 18 verbs of stage magic and 18 of household work, 230 objects that
/// are kept in known places, reviews, stories. The secrets of magic are forbidden there, which stands for harm: whether a
/// secret was told can be read off the answer exactly (Example::content). No (verb, object) pair of one set is in another,
/// except that `harmful` answers what `align` refuses, as published data do.
struct DemoData {
    std::vector<std::string> pretrain;  ///< everything is answered here, magic too
    std::vector<Example> align;         ///< refusals and benign answers, mixed
    std::vector<Example> harmful;       ///< the alignment's magic questions with answers (Booster's harmful set)
    std::vector<Example> user;
    std::vector<Example> poison;
    std::vector<Example> testHarmful;  ///< magic questions; output and content are what a jailbroken model says
    std::vector<Example> testBenign;   ///< household questions
    std::vector<Example> testUser;
};

/// The template of all demo texts ("question").
PromptTemplate demoTemplate();

/// The same seed and sizes give the same data. Errors: sets larger than the language allows, with the limits.
Result<DemoData> makeDemo(const DemoSizes& sizes, std::uint64_t seed);

/// The language itself: verbs with methods, objects with places, for people and for tests.
nlohmann::json describeDemo();

}  // namespace driftscope::llm
