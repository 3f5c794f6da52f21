#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace driftscope::io {

/// Parses JSON from a file that may be hostile: nesting at most 64, no duplicate keys. `place` names it in errors.
Result<nlohmann::json> parseJson(std::string_view text, const std::string& place);
/// Reads and parses a JSON file of at most 64 MiB.
Result<nlohmann::json> readJson(const std::filesystem::path& path);

/// The member with this name; null when absent or when `object` is not an object.
const nlohmann::json* member(const nlohmann::json& object, std::string_view name);
/// The object member with this name; an empty object when absent or of another type.
const nlohmann::json& objectMember(const nlohmann::json& object, std::string_view name);
/// The array member with this name; an empty array when absent or of another type.
const nlohmann::json& arrayMember(const nlohmann::json& object, std::string_view name);
std::string textMember(const nlohmann::json& object, std::string_view name, std::string fallback = {});
double numberMember(const nlohmann::json& object, std::string_view name, double fallback);

/// A list of whole numbers from 0 to 2^63 - 1. Errors name `place` and the field.
Result<std::vector<std::int64_t>> extentsMember(const nlohmann::json& object, std::string_view name, const std::string& place);

}  // namespace driftscope::io
