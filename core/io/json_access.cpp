#include "core/io/json_access.h"

#include <limits>
#include <set>

#include "core/base/atomic_file.h"

namespace driftscope::io {
namespace {

using nlohmann::json;

constexpr int kMaximumDepth = 64;
constexpr std::uintmax_t kMaximumFile = 64u << 20;

int nesting(std::string_view text) {
    int depth = 0;
    int deepest = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '\\') ++i;
        else if (c == '"') quoted = !quoted;
        else if (!quoted && (c == '{' || c == '[')) deepest = std::max(deepest, ++depth);
        else if (!quoted && (c == '}' || c == ']')) --depth;
    }
    return deepest;
}

}  // namespace

Result<json> parseJson(std::string_view text, const std::string& place) {
    if (nesting(text) > kMaximumDepth)
        return fail(ErrorCode::BadInput, fmt::format("{} nests JSON deeper than {} levels.", place, kMaximumDepth), "It is damaged or not what it seems.");
    std::vector<std::set<std::string>> keys;
    std::string twice;
    const auto watch = [&](int, json::parse_event_t event, json& value) {
        if (event == json::parse_event_t::object_start) keys.emplace_back();
        if (event == json::parse_event_t::object_end) keys.pop_back();
        if (event == json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second && twice.empty())
            twice = value.get<std::string>();
        return true;
    };
    try {
        json parsed = json::parse(text.begin(), text.end(), watch);
        if (!twice.empty())
            return fail(ErrorCode::BadInput, fmt::format("{} has the key '{}' twice.", place, twice), "It is ambiguous: write the file again.");
        return parsed;
    } catch (const json::exception& error) {
        return fail(ErrorCode::BadInput, fmt::format("{} is not valid JSON: {}.", place, error.what()), "It may be damaged or only partly copied.");
    }
}

Result<json> readJson(const std::filesystem::path& path) {
    std::error_code code;
    if (const auto size = std::filesystem::file_size(path, code); !code && size > kMaximumFile)
        return fail(ErrorCode::BadInput, fmt::format("{} has {} bytes, more than JSON metadata may have.", path.string(), size), "Check the file.");
    DS_ASSIGN(const std::string text, readFile(path));
    return parseJson(text, path.string());
}

const json* member(const json& object, std::string_view name) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
}

const json& objectMember(const json& object, std::string_view name) {
    static const json empty = json::object();
    const json* found = member(object, name);
    return found && found->is_object() ? *found : empty;
}

const json& arrayMember(const json& object, std::string_view name) {
    static const json empty = json::array();
    const json* found = member(object, name);
    return found && found->is_array() ? *found : empty;
}

std::string textMember(const json& object, std::string_view name, std::string fallback) {
    const json* found = member(object, name);
    return found && found->is_string() ? found->get<std::string>() : fallback;
}

double numberMember(const json& object, std::string_view name, double fallback) {
    const json* found = member(object, name);
    return found && found->is_number() ? found->get<double>() : fallback;
}

Result<std::vector<std::int64_t>> extentsMember(const json& object, std::string_view name, const std::string& place) {
    const json* found = member(object, name);
    if (!found || !found->is_array())
        return fail(ErrorCode::BadInput, fmt::format("{}: '{}' is not a list.", place, name), "The file does not follow its format.");
    std::vector<std::int64_t> extents;
    for (const json& value : *found) {
        const bool tooLarge = value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        if (!value.is_number_integer() || tooLarge || value.get<std::int64_t>() < 0)
            return fail(ErrorCode::BadInput, fmt::format("{}: '{}' holds {}, which is not a size.", place, name, value.dump()),
                        "Sizes are whole numbers from 0.");
        extents.push_back(value.get<std::int64_t>());
    }
    return extents;
}

}  // namespace driftscope::io
