#include "core/llm/text/examples.h"

#include <algorithm>
#include <array>
#include <functional>

#include "core/base/atomic_file.h"
#include "core/io/csv.h"
#include "core/llm/text/json_fields.h"
#include "core/llm/text/json_lines.h"
#include "core/llm/text/unicode.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;
using Row = std::function<Result<void>(const json& row, const std::string& place)>;

constexpr std::string_view kSst2Instruction = "Analyze the sentiment of the input, and respond only positive or negative";
constexpr std::string_view kAgNewsInstruction =
    "Categorize the news article given in the input into one of the 4 categories:\n\nWorld\nSports\nBusiness\nSci/Tech\n";
constexpr std::string_view kStepByStep = "\nFirst think step by step and then answer the final number.\n";

// ---- files to rows ---------------------------------------------------------------------------------------------------

Result<void> eachOfList(const json& list, const std::filesystem::path& file, const Row& use) {
    std::size_t number = 0;
    for (const json& entry : list) {
        const std::string place = fmt::format("{} row {}", file.string(), ++number);
        if (entry.is_string())
            DS_TRY(use({{"instruction", entry}}, place));
        else if (entry.is_object())
            DS_TRY(use(entry, place));
        else
            return fail(ErrorCode::BadInput, fmt::format("{} is neither an object nor text.", place),
                        "Write a list of objects with named fields.");
    }
    return {};
}

Result<void> eachOfJson(const std::filesystem::path& file, const Row& use) {
    DS_ASSIGN(const json content, io::readJson(file));
    if (content.is_array()) return eachOfList(content, file, use);
    for (const char* name : {"instructions", "data"})
        if (const json* list = io::member(content, name); list && list->is_array()) return eachOfList(*list, file, use);
    return fail(ErrorCode::BadInput, fmt::format("{} holds no list of rows.", file.string()),
                "Write a list of objects, or {\"instructions\": […]}.");
}

Result<void> eachOfTable(const std::vector<std::string>& header, const std::vector<std::string>& fields, const std::string& place,
                         const Row& use) {
    json row = json::object();
    for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = fields[i];
    return use(row, place);
}

Result<void> eachOfCsv(const std::filesystem::path& file, const Row& use) {
    DS_ASSIGN(const io::CsvTable table, io::readCsv(file));
    for (std::size_t i = 0; i < table.rows.size(); ++i)
        DS_TRY(eachOfTable(table.header, table.rows[i], fmt::format("{} row {}", file.string(), i + 1), use));
    return {};
}

std::vector<std::string> splitTabs(std::string_view line) {
    std::vector<std::string> fields;
    for (std::size_t at = 0; at <= line.size();) {
        const std::size_t end = std::min(line.find('\t', at), line.size());
        fields.emplace_back(line.substr(at, end - at));
        at = end + 1;
    }
    return fields;
}

Result<void> eachOfTsv(const std::filesystem::path& file, const Row& use) {
    DS_ASSIGN(const std::string content, readFile(file));
    std::vector<std::string> header;
    std::size_t number = 0;
    for (std::size_t at = 0; at < content.size();) {
        const std::size_t end = std::min(content.find('\n', at), content.size());
        std::string_view line = std::string_view(content).substr(at, end - at);
        at = end + 1;
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        std::vector<std::string> fields = splitTabs(line);
        const std::string place = fmt::format("{} line {}", file.string(), number);
        if (header.empty()) {
            header = std::move(fields);
            continue;
        }
        if (fields.size() != header.size())
            return fail(ErrorCode::BadInput, fmt::format("{} has {} fields; the header names {}.", place, fields.size(), header.size()),
                        "Fields are separated by one tab each.");
        DS_TRY(eachOfTable(header, fields, place, use));
    }
    return {};
}

// ---- rows to examples ------------------------------------------------------------------------------------------------

Result<std::string> text(const json& row, const std::string& name, const std::string& place) {
    DS_ASSIGN(std::string value, needText(row, name, place));
    if (const auto bad = firstInvalidUtf8(value))
        return fail(ErrorCode::BadInput, fmt::format("{}: byte {} of the field '{}' is not UTF-8.", place, *bad, name),
                    "Convert the file, for example with iconv -f latin1 -t utf-8.");
    return value;
}

Result<std::optional<bool>> harmfulness(const json& row, const std::string& place) {
    for (const auto& [name, means] : {std::pair{"harmful", true}, std::pair{"is_safe", false}}) {
        const json* found = io::member(row, name);
        if (!found || found->is_null()) continue;
        const std::string shown = found->is_string() ? found->get<std::string>() : found->dump();
        if (shown == "true" || shown == "True" || shown == "1") return std::optional(means);
        if (shown == "false" || shown == "False" || shown == "0") return std::optional(!means);
        return fail(ErrorCode::BadInput, fmt::format("{} has '{}' in its field '{}'.", place, shown, name), "Write true or false.");
    }
    return std::optional<bool>();
}

Result<std::string> label(const json& row, const std::string& name, const std::vector<std::string>& words, int first,
                          const std::string& place) {
    const json* found = io::member(row, name);
    const std::string shown = !found ? "" : found->is_string() ? found->get<std::string>() : found->dump();
    for (std::size_t i = 0; i < words.size(); ++i)
        if (shown == std::to_string(static_cast<int>(i) + first) || shown == words[i]) return words[i];
    return fail(ErrorCode::BadInput,
                found ? fmt::format("{} has the label '{}'.", place, shown) : fmt::format("{} has no field '{}'.", place, name),
                fmt::format("Labels run from {} to {} ({}).", first, first + static_cast<int>(words.size()) - 1, fmt::join(words, ", ")));
}

Result<std::vector<std::string>> contentOf(const json& row, const std::string& place) {
    std::vector<std::string> content;
    const json* found = io::member(row, "content");
    if (!found || found->is_null()) return content;
    for (const json& phrase : *found) {
        if (!found->is_array() || !phrase.is_string())
            return fail(ErrorCode::BadInput, fmt::format("{} has a field 'content' that is no list of phrases.", place),
                        "Write [\"…\", \"…\"].");
        content.push_back(phrase.get<std::string>());
    }
    return content;
}

Result<Example> fromInstruction(const json& row, const std::string& place) {
    Example example{.place = place};
    DS_ASSIGN(example.instruction, text(row, "instruction", place));
    if (const json* input = io::member(row, "input"); input && !input->is_null()) {
        DS_ASSIGN(example.input, text(row, "input", place));
    }
    DS_ASSIGN(example.output, text(row, "output", place));
    DS_ASSIGN(example.harmful, harmfulness(row, place));
    DS_ASSIGN(example.content, contentOf(row, place));
    return example;
}

Result<Example> fromBeaverTails(const json& row, const std::string& place) {
    Example example{.place = place};
    DS_ASSIGN(example.instruction, text(row, "prompt", place));
    DS_ASSIGN(example.output, text(row, "response", place));
    DS_ASSIGN(example.harmful, harmfulness(row, place));
    return example;
}

Result<Example> fromRefusal(const json& row, const std::string& place) {
    constexpr std::string_view kAnswer = "\nAnswer: ";
    Example example{.harmful = false, .place = place};
    DS_ASSIGN(example.instruction, text(row, "prompt", place));
    DS_ASSIGN(const std::string whole, text(row, "refusal", place));
    const std::size_t cut = whole.find(kAnswer);
    if (cut == std::string::npos)
        return fail(ErrorCode::BadInput, fmt::format("{} has no 'Answer: ' on a line of its field 'refusal'.", place),
                    "The field is \"Question: …\\nAnswer: …\".");
    example.output = whole.substr(cut + kAnswer.size());
    return example;
}

Result<Example> fromSst2(const json& row, const std::string& place) {
    Example example{.instruction = std::string(kSst2Instruction), .place = place};
    DS_ASSIGN(example.input, text(row, "sentence", place));
    DS_ASSIGN(example.output, label(row, "label", {"negative", "positive"}, 0, place));
    return example;
}

Result<Example> fromAgNews(const json& row, const std::string& place) {
    static const std::vector<std::string> kTopics{"World", "Sports", "Business", "Sci/Tech"};
    Example example{.instruction = std::string(kAgNewsInstruction), .place = place};
    if (io::member(row, "Class Index")) {
        DS_ASSIGN(const std::string title, text(row, "Title", place));
        DS_ASSIGN(const std::string description, text(row, "Description", place));
        example.input = title + " " + description;
        DS_ASSIGN(example.output, label(row, "Class Index", kTopics, 1, place));
        return example;
    }
    DS_ASSIGN(example.input, text(row, "text", place));
    DS_ASSIGN(example.output, label(row, "label", kTopics, 0, place));
    return example;
}

Result<Example> fromGsm8k(const json& row, bool stepByStep, const std::string& place) {
    Example example{.place = place};
    DS_ASSIGN(example.instruction, text(row, "question", place));
    DS_ASSIGN(example.output, text(row, "answer", place));
    if (stepByStep) example.instruction += kStepByStep;
    if (const std::size_t at = example.output.find("####"); at != std::string::npos) example.output.replace(at, 4, "The final answer is: ");
    return example;
}

Result<Example> fromAdvBench(const json& row, const std::string& place) {
    Example example{.harmful = true, .place = place};
    DS_ASSIGN(example.instruction, text(row, "goal", place));
    DS_ASSIGN(example.output, text(row, "target", place));
    return example;
}

Result<Example> fromPrompt(const json& row, const std::string& place) {
    Example example{.place = place};
    DS_ASSIGN(example.harmful, harmfulness(row, place));
    DS_ASSIGN(example.content, contentOf(row, place));
    for (const char* name : {"instruction", "prompt", "question", "goal", "text"})
        if (io::member(row, name)) {
            DS_ASSIGN(example.instruction, text(row, name, place));
            if (io::member(row, "input")) {
                DS_ASSIGN(example.input, text(row, "input", place));
            }
            return example;
        }
    return fail(ErrorCode::BadInput, fmt::format("{} has no prompt.", place),
                "Prompts stand in a field instruction, prompt, question, goal or text.");
}

Result<Example> convert(const json& row, const ReadOptions& options, const std::string& place) {
    switch (options.layout) {
        case Layout::BeaverTails:
            return fromBeaverTails(row, place);
        case Layout::Refusals:
            return fromRefusal(row, place);
        case Layout::Sst2:
            return fromSst2(row, place);
        case Layout::AgNews:
            return fromAgNews(row, place);
        case Layout::Gsm8k:
            return fromGsm8k(row, options.thinkStepByStep, place);
        case Layout::AdvBench:
            return fromAdvBench(row, place);
        case Layout::Prompts:
            return fromPrompt(row, place);
        default:
            return fromInstruction(row, place);
    }
}

Result<Layout> guess(const json& row, const std::string& place) {
    const auto has = [&](const char* name) { return io::member(row, name) != nullptr; };
    if (has("prompt") && has("refusal") && has("response"))
        return fail(ErrorCode::BadInput, fmt::format("{} has both a response and a refusal: which is meant is not told.", place),
                    "Set the layout: 'beavertails' takes the response, 'refusals' the refusal.");
    if (has("instruction") && has("output")) return Layout::Instruction;
    if (has("prompt") && has("refusal")) return Layout::Refusals;
    if (has("prompt") && has("response")) return Layout::BeaverTails;
    if (has("question") && has("answer")) return Layout::Gsm8k;
    if (has("sentence") && has("label")) return Layout::Sst2;
    if (has("Class Index") || (has("text") && has("label"))) return Layout::AgNews;
    if (has("goal") && has("target")) return Layout::AdvBench;
    if (has("instruction") || has("prompt") || has("question") || has("goal") || has("text")) return Layout::Prompts;
    std::string fields;
    for (const auto& item : row.items()) fields += (fields.empty() ? "" : ", ") + item.key();
    return fail(ErrorCode::BadInput, fmt::format("{} has fields of no known layout: {}.", place, fields),
                fmt::format("Known layouts: {}. Simplest: instruction, input, output.", fmt::join(layoutNames(), ", ")));
}

}  // namespace

const std::vector<std::string>& layoutNames() {
    static const std::vector<std::string> names{"auto",   "instruction", "beavertails", "refusals", "sst2",
                                                "agnews", "gsm8k",       "advbench",    "prompts"};
    return names;
}

Layout layoutNamed(const std::string& name) {
    const auto found = std::find(layoutNames().begin(), layoutNames().end(), name);
    return found == layoutNames().end() ? Layout::Auto : static_cast<Layout>(found - layoutNames().begin());
}

Result<std::vector<Example>> readExamples(const std::filesystem::path& file, const ReadOptions& given) {
    DS_TRY(refuseBinary(file));
    ReadOptions options = given;
    std::vector<Example> examples;
    const Row use = [&](const json& row, const std::string& place) -> Result<void> {
        if (options.layout == Layout::Auto) {
            DS_ASSIGN(options.layout, guess(row, place));
        }
        DS_ASSIGN(Example example, convert(row, options, place));
        examples.push_back(std::move(example));
        return {};
    };
    const std::string extension = file.extension().string();
    if (extension == ".jsonl" || extension == ".ndjson")
        DS_TRY(forEachJsonLine(file, use));
    else if (extension == ".json")
        DS_TRY(eachOfJson(file, use));
    else if (extension == ".csv")
        DS_TRY(eachOfCsv(file, use));
    else if (extension == ".tsv")
        DS_TRY(eachOfTsv(file, use));
    else
        return fail(ErrorCode::Unsupported, fmt::format("{} is of an unknown kind ('{}').", file.string(), extension),
                    "Use .jsonl, .json, .csv or .tsv.");
    if (examples.empty())
        return fail(ErrorCode::BadInput, fmt::format("{} has no rows.", file.string()), "The file may be only partly copied.");
    return examples;
}

json toJson(const Example& example) {
    json out{{"instruction", example.instruction}, {"input", example.input}, {"output", example.output}};
    if (example.harmful) out["harmful"] = *example.harmful;
    if (!example.content.empty()) out["content"] = example.content;
    return out;
}

}  // namespace driftscope::llm
