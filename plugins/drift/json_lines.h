#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/base/error.h"

namespace driftscope::drift {

/// Calls `use` for every line of a .jsonl file that a job wrote. Errors name file and line: no JSON object.
Result<void> eachJsonLine(const std::filesystem::path& file, const std::function<Result<void>(const nlohmann::json& object, const std::string& place)>& use);

}  // namespace driftscope::drift
