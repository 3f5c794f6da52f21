#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace driftscope::llm {

/// config.json of the demo's model: a small Llama.
nlohmann::json demoModel(std::int64_t vocabulary, std::int64_t hidden, std::int64_t layers);

/// Settings of the demo's runs, as StudySettings reads them, with those of the methods that take part.
std::vector<std::string> demoSettings(const std::vector<std::string>& methods);

}  // namespace driftscope::llm
