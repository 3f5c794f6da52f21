#include "plugins/drift/json_lines.h"

#include <fstream>

#include "core/io/json_access.h"

namespace driftscope::drift {

Result<void> eachJsonLine(const std::filesystem::path& file, const std::function<Result<void>(const nlohmann::json& object, const std::string& place)>& use) {
    std::ifstream in(file);
    if (!in) return fail(ErrorCode::NotFound, fmt::format("{} cannot be read.", file.string()));
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.empty()) continue;
        const std::string place = fmt::format("{} line {}", file.string(), number);
        DS_ASSIGN(const nlohmann::json object, io::parseJson(line, place));
        if (!object.is_object()) return fail(ErrorCode::BadInput, fmt::format("{} is no JSON object.", place));
        DS_TRY(use(object, place));
    }
    return {};
}

}  // namespace driftscope::drift
