#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace driftscope::llm {

/// A LoRA adapter's settings as PEFT's adapter_config.json holds them.
struct LoraConfig {
    std::int64_t rank = 8;
    double alpha = 8;
    double dropout = 0;
    std::vector<std::string> targets;                          ///< module names or their last parts
    std::string targetPattern;                                 ///< regular expression over whole names, instead of a list
    bool allLinear = false;                                    ///< "all-linear"
    std::vector<std::pair<std::string, std::int64_t>> ranks;   ///< rank_pattern
    std::vector<std::pair<std::string, double>> alphas;        ///< alpha_pattern
    bool rankStabilised = false;                               ///< scale alpha / sqrt(r) instead of alpha / r
    nlohmann::json source = nlohmann::json::object();          ///< as read; unknown keys are written through

    /// Errors: another adapter type, DoRA, trained biases or whole modules, sizes out of range.
    static Result<LoraConfig> parse(const nlohmann::json& json, const std::string& place);
    /// adapter_config.json with every known field set.
    nlohmann::json toJson() const;

    bool matches(const std::string& module) const;
    std::int64_t rankOf(const std::string& module) const;
    double alphaOf(const std::string& module) const;
    double scaleOf(const std::string& module) const;
};

}  // namespace driftscope::llm
