#include "core/llm/model/lora_config.h"

#include <algorithm>
#include <cmath>
#include <regex>

#include "core/io/json_access.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaximumRank = 65536;

bool truthy(const json* value) {
    if (!value || value->is_null()) return false;
    if (value->is_boolean()) return value->get<bool>();
    if (value->is_array() || value->is_object()) return !value->empty();
    return true;
}

Result<std::regex> pattern(const std::string& text, const std::string& place) {
    try {
        return std::regex(text);
    } catch (const std::regex_error& error) {
        return fail(ErrorCode::BadInput, fmt::format("{} holds '{}', which is not a regular expression: {}.", place, text, error.what()));
    }
}

bool fullMatch(const std::string& text, const std::string& expression) {
    return std::regex_match(text, std::regex(expression));
}

/// PEFT's rule for rank_pattern and alpha_pattern: the key matches the end of the module's name, part by part.
template <class T>
T patterned(const std::vector<std::pair<std::string, T>>& patterns, const std::string& module, T fallback) {
    for (const auto& [key, value] : patterns)
        if (fullMatch(module, "(?:.*\\.)?(?:" + key + ")")) return value;
    return fallback;
}

Result<void> refuseOthers(const json& given, const std::string& place) {
    const auto refuse = [&](const std::string& what, const char* remedy) { return fail(ErrorCode::Unsupported, fmt::format("{} {}.", place, what), remedy); };
    if (const std::string type = io::textMember(given, "peft_type", "LORA"); type != "LORA") return refuse(fmt::format("is an adapter of type {}", type), "Only LoRA adapters are supported.");
    if (truthy(io::member(given, "use_dora"))) return refuse("uses DoRA (use_dora), whose magnitudes a plain LoRA would ignore", "Merge it into the model with PEFT and open the merged folder.");
    if (io::textMember(given, "bias", "none") != "none") return refuse("trains biases ('bias' is not \"none\")", "Merge it into the model with PEFT and open the merged folder.");
    for (const char* name : {"modules_to_save", "trainable_token_indices", "layers_to_transform", "layer_replication", "target_parameters"})
        if (truthy(io::member(given, name))) return refuse(fmt::format("uses '{}'", name), "Merge it into the model with PEFT and open the merged folder.");
    return {};
}

Result<void> readTargets(const json& given, LoraConfig& config, const std::string& place) {
    const json* targets = io::member(given, "target_modules");
    if (targets && targets->is_string()) {
        const auto text = targets->get<std::string>();
        config.allLinear = text == "all-linear";
        if (!config.allLinear) {
            DS_TRY(pattern(text, place));
            config.targetPattern = text;
        }
        return {};
    }
    if (targets && targets->is_array())
        for (const json& one : *targets)
            if (one.is_string()) config.targets.push_back(one.get<std::string>());
    if (config.targets.empty()) return fail(ErrorCode::BadInput, fmt::format("{} names no 'target_modules'.", place), "Name them, for example [\"q_proj\", \"v_proj\"].");
    std::sort(config.targets.begin(), config.targets.end());
    return {};
}

}  // namespace

Result<LoraConfig> LoraConfig::parse(const json& given, const std::string& place) {
    if (!given.is_object()) return fail(ErrorCode::BadInput, fmt::format("{} is not a JSON object.", place), "Copy the adapter folder again.");
    DS_TRY(refuseOthers(given, place));
    LoraConfig config;
    config.source = given;
    const double rank = io::numberMember(given, "r", 8);
    config.rank = static_cast<std::int64_t>(rank);
    config.alpha = io::numberMember(given, "lora_alpha", 8);
    config.dropout = io::numberMember(given, "lora_dropout", 0);
    config.rankStabilised = truthy(io::member(given, "use_rslora"));
    DS_TRY(readTargets(given, config, place));
    for (const auto& [key, value] : io::objectMember(given, "rank_pattern").items()) {
        DS_TRY(pattern(key, place));
        if (!value.is_number_integer() || value < 1 || value > kMaximumRank) return fail(ErrorCode::BadInput, fmt::format("{}: rank_pattern gives '{}' the rank {}.", place, key, value.dump()));
        config.ranks.emplace_back(key, value.get<std::int64_t>());
    }
    for (const auto& [key, value] : io::objectMember(given, "alpha_pattern").items()) {
        DS_TRY(pattern(key, place));
        if (!value.is_number()) return fail(ErrorCode::BadInput, fmt::format("{}: alpha_pattern gives '{}' the alpha {}.", place, key, value.dump()));
        config.alphas.emplace_back(key, value.get<double>());
    }
    if (rank < 1 || rank > kMaximumRank || config.dropout < 0 || config.dropout >= 1)
        return fail(ErrorCode::BadInput, fmt::format("{} has the rank {} and the dropout {}; they must be from 1 and in [0, 1).", place, rank, config.dropout));
    return config;
}

json LoraConfig::toJson() const {
    json out = source;
    out["peft_type"] = "LORA";
    out["task_type"] = "CAUSAL_LM";
    out["r"] = rank;
    out["lora_alpha"] = alpha;
    out["lora_dropout"] = dropout;
    out["bias"] = "none";
    if (allLinear) out["target_modules"] = "all-linear";
    else if (!targetPattern.empty()) out["target_modules"] = targetPattern;
    else out["target_modules"] = targets;
    out["use_rslora"] = rankStabilised;
    out["rank_pattern"] = json::object();
    for (const auto& [key, value] : ranks) out["rank_pattern"][key] = value;
    out["alpha_pattern"] = json::object();
    for (const auto& [key, value] : alphas) out["alpha_pattern"][key] = value;
    for (const auto& [key, value] : {std::pair<const char*, json>{"base_model_name_or_path", nullptr}, {"fan_in_fan_out", false}, {"inference_mode", true},
                                     {"init_lora_weights", true}, {"modules_to_save", nullptr}, {"layers_to_transform", nullptr}, {"use_dora", false}})
        if (!out.contains(key)) out[key] = value;
    return out;
}

bool LoraConfig::matches(const std::string& module) const {
    if (allLinear) return true;
    if (!targetPattern.empty()) return fullMatch(module, targetPattern);
    return std::any_of(targets.begin(), targets.end(), [&](const std::string& target) {
        return module == target || (module.size() > target.size() && module.compare(module.size() - target.size(), target.size(), target) == 0 &&
                                    module[module.size() - target.size() - 1] == '.');
    });
}

std::int64_t LoraConfig::rankOf(const std::string& module) const {
    return patterned(ranks, module, rank);
}

double LoraConfig::alphaOf(const std::string& module) const {
    return patterned(alphas, module, alpha);
}

double LoraConfig::scaleOf(const std::string& module) const {
    const auto r = static_cast<double>(rankOf(module));
    return alphaOf(module) / (rankStabilised ? std::sqrt(r) : r);
}

}  // namespace driftscope::llm
