#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>

#include "core/base/atomic_file.h"
#include "core/cells/dynaclr/viscy_config.h"

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A plain scalar in YAML 1.1's words; a quoted one stays text.
json scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() == "!") return text;
    if (text == "null" || text == "~" || text == "Null" || text.empty()) return nullptr;
    if (text == "true" || text == "True" || text == "yes") return true;
    if (text == "false" || text == "False" || text == "no") return false;
    std::int64_t whole = 0;
    const char* end = text.data() + text.size();
    if (const auto read = std::from_chars(text.data(), end, whole); read.ec == std::errc() && read.ptr == end) return whole;
    double real = 0;
    if (const auto read = std::from_chars(text.data(), end, real); read.ec == std::errc() && read.ptr == end) return real;
    return text;
}

json toJson(const YAML::Node& node) {
    if (node.IsMap()) {
        json map = json::object();
        for (const auto& item : node) map[item.first.Scalar()] = toJson(item.second);
        return map;
    }
    if (node.IsSequence()) {
        json list = json::array();
        for (const auto& item : node) list.push_back(toJson(item));
        return list;
    }
    return node.IsScalar() ? scalar(node) : json();
}

void merge(json& under, const json& over) {
    if (!under.is_object() || !over.is_object()) {
        under = over;
        return;
    }
    for (const auto& [name, value] : over.items()) merge(under[name], value);
}

Result<json> readWithBases(const fs::path& path, std::vector<fs::path> open) {
    std::error_code code;
    const fs::path here = fs::weakly_canonical(path, code);
    if (std::find(open.begin(), open.end(), here) != open.end()) return fail(ErrorCode::BadInput, fmt::format("{} is its own base.", path.string()), "Remove the circle from the 'base' lists.");
    open.push_back(here);
    DS_ASSIGN(const std::string text, readFile(path));
    json config;
    try {
        config = toJson(YAML::Load(text));
    } catch (const YAML::Exception& error) {
        return fail(ErrorCode::BadInput, fmt::format("{}, line {}: {}", path.string(), error.mark.line + 1, error.msg), "Correct the YAML; indentation counts.");
    }
    if (!config.is_object()) return fail(ErrorCode::BadInput, fmt::format("{} is not a mapping of fields.", path.string()), "Choose a fit or predict configuration.");
    if (!config.contains("base")) return config;
    json whole = json::object(), bases = config["base"];
    if (bases.is_string()) bases = json::array({bases});
    for (const json& base : bases) {
        if (!base.is_string()) return fail(ErrorCode::BadInput, fmt::format("{}: 'base' holds {}, which is no file.", path.string(), base.dump()));
        DS_ASSIGN(const json below, readWithBases(path.parent_path() / base.get<std::string>(), open));
        merge(whole, below);
    }
    config.erase("base");
    merge(whole, config);
    return whole;
}

}  // namespace

Result<json> readLightningConfig(const fs::path& yaml) {
    return readWithBases(yaml, {});
}

}  // namespace driftscope::cells
