#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/base/error.h"

namespace driftscope::llm {

/// Reads a file of one JSON object a line and hands each to `use` with its place ("file line 3"). Empty lines are passed
/// over; a byte-order mark is accepted. Errors: unreadable file; a line that is no JSON object; what `use` returns. Files
/// of compiled Python objects are refused unread, with the remedy.
Result<void> forEachJsonLine(const std::filesystem::path& file,
                             const std::function<Result<void>(const nlohmann::json& object, const std::string& place)>& use);

/// The text member `name` of `object`. Errors: absent or not text, naming place and field, and the fields there are.
Result<std::string> needText(const nlohmann::json& object, const std::string& name, const std::string& place);

/// Refuses pickles, torch archives and Parquet files by their first bytes.
Result<void> refuseBinary(const std::filesystem::path& file);

}  // namespace driftscope::llm
