#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/io/json_access.h"

namespace driftscope::llm {

/// The boolean member with this name, or `fallback` when it is absent, null or of another type.
inline bool flagMember(const nlohmann::json& object, std::string_view name, bool fallback) {
    const nlohmann::json* found = io::member(object, name);
    return found && found->is_boolean() ? found->get<bool>() : fallback;
}

}  // namespace driftscope::llm
