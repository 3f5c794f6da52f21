#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace driftscope::llm {

/// One instruction with the answer a model should learn to give, whatever layout it came in.
struct Example {
    std::string instruction;
    std::string input;                   ///< what the instruction is about; often empty
    std::string output;                  ///< empty for rows that are prompts only
    std::optional<bool> harmful{};       ///< what the data say about the answer, if they say it
    std::vector<std::string> content{};  ///< phrases by which an answer is known to deliver what was asked
    std::string place{};                 ///< file and row, for messages and compositions
};

/// How rows are written (field names as the sets are published).
enum class Layout {
    Auto,         ///< told from the fields of the first row
    Instruction,  ///< instruction, [input], output, [harmful | is_safe], [content: list]: Alpaca and what this program writes
    BeaverTails,  ///< prompt, response, [is_safe]: the answers, safe or not
    Refusals,     ///< prompt, refusal ("Question: …\nAnswer: …"): the refusals that RepNoise wrote for BeaverTails
    Sst2,         ///< sentence, label (0 negative, 1 positive)
    AgNews,       ///< text, label (0 to 3), or Class Index (1 to 4), Title, Description
    Gsm8k,        ///< question, answer
    AdvBench,     ///< goal, target: harmful
    Prompts,      ///< instruction, prompt, question, goal or text alone, or plain strings
};
/// Names as parameters write them: auto, instruction, beavertails, …
const std::vector<std::string>& layoutNames();
Layout layoutNamed(const std::string& name);

struct ReadOptions {
    Layout layout = Layout::Auto;
    bool thinkStepByStep = false;  ///< GSM8K: adds "First think step by step and then answer the final number." (Vaccine only)
};

/// Reads .json (a list of objects or strings, or {"instructions" | "data": list}), .jsonl, .csv or .tsv (no quotes).
/// Texts follow the papers' scripts: labels become words under their instructions, "####" becomes "The final answer is: ".
/// Errors name file, row and field: unknown extension or layout, a field missing or of the wrong type, an unknown label,
/// text that is not UTF-8, no rows; pickles and Parquet are refused with the remedy.
Result<std::vector<Example>> readExamples(const std::filesystem::path& file, const ReadOptions& options = {});

/// As one line of the layout Instruction.
nlohmann::json toJson(const Example& example);

}  // namespace driftscope::llm
