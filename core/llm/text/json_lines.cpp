#include "core/llm/text/json_lines.h"

#include <array>
#include <fstream>

#include "core/llm/text/json_fields.h"

namespace driftscope::llm {

using nlohmann::json;

Result<void> refuseBinary(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return fail(ErrorCode::NotFound, fmt::format("{} cannot be read.", file.string()), "Check the path and its permissions.");
    std::array<char, 4> head{};
    stream.read(head.data(), head.size());
    const std::string_view start(head.data(), static_cast<std::size_t>(stream.gcount()));
    if (start.starts_with("\x80\x02") || start.starts_with("\x80\x03") || start.starts_with("\x80\x04") || start.starts_with("\x80\x05") ||
        start.starts_with("PK\x03\x04"))
        return fail(ErrorCode::Unsupported,
                    fmt::format("{} is a Python pickle or an archive, which can run code when it is read.", file.string()),
                    "In Python, write the rows as JSON lines: json.dumps(row) for each, one a line.");
    if (start == "PAR1")
        return fail(ErrorCode::Unsupported, fmt::format("{} is a Parquet file.", file.string()),
                    "Convert it, for example: python3 -c \"import pandas; pandas.read_parquet('x.parquet').to_json('x.jsonl', "
                    "orient='records', lines=True)\".");
    return {};
}

Result<void> forEachJsonLine(const std::filesystem::path& file, const std::function<Result<void>(const json&, const std::string&)>& use) {
    DS_TRY(refuseBinary(file));
    std::ifstream stream(file, std::ios::binary);
    std::string line;
    for (std::size_t number = 1; std::getline(stream, line); ++number) {
        std::string_view text = line;
        if (number == 1 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
        if (text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        const std::string place = fmt::format("{} line {}", file.string(), number);
        DS_ASSIGN(const json object, io::parseJson(text, place));
        if (!object.is_object())
            return fail(ErrorCode::BadInput, fmt::format("{} is not a JSON object.", place), "Write one object a line: {\"text\": \"…\"}.");
        DS_TRY(use(object, place));
    }
    if (stream.bad()) return fail(ErrorCode::Io, fmt::format("Reading {} failed.", file.string()), "Check the disk.");
    return {};
}

Result<std::string> needText(const json& object, const std::string& name, const std::string& place) {
    const json* found = io::member(object, name);
    if (found && found->is_string()) return found->get<std::string>();
    std::string fields;
    for (const auto& item : object.items()) fields += (fields.empty() ? "" : ", ") + item.key();
    return fail(ErrorCode::BadInput, fmt::format("{} has {} field '{}'.", place, found ? "no text in its" : "no", name),
                fmt::format("Its fields: {}.", fields.empty() ? "none" : fields));
}

}  // namespace driftscope::llm
