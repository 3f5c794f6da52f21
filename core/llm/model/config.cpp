#include "core/llm/model/config.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/io/json_access.h"

namespace driftscope::llm {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaximumSize = 1 << 24;
constexpr std::int64_t kMaximumLayers = 1024;

/// Typed access to config.json with errors that name the field.
class Fields {
  public:
    Fields(const json& all, std::string place) : all_(all), place_(std::move(place)) {}

    /// A size from 1 on; without `fallback` the field must be there.
    Result<std::int64_t> size(const char* name, std::optional<std::int64_t> fallback = {}, std::int64_t maximum = kMaximumSize) const {
        const json* value = present(name);
        if (!value && fallback) return *fallback;
        if (!value) return fail(ErrorCode::BadInput, fmt::format("{} lacks '{}'.", place_, name), "Copy the model's config.json again.");
        if (!value->is_number_integer() || *value < 1 || *value > maximum)
            return fail(ErrorCode::BadInput, fmt::format("'{}' in {} is {}, expected a whole number from 1 to {}.", name, place_, value->dump(), maximum));
        return value->get<std::int64_t>();
    }
    Result<double> real(const char* name, double fallback) const {
        const json* value = present(name);
        if (!value) return fallback;
        if (!value->is_number() || !std::isfinite(value->get<double>()))
            return fail(ErrorCode::BadInput, fmt::format("'{}' in {} is {}, expected a number.", name, place_, value->dump()));
        return value->get<double>();
    }
    Result<bool> flag(const char* name, bool fallback) const {
        const json* value = present(name);
        if (!value) return fallback;
        if (!value->is_boolean()) return fail(ErrorCode::BadInput, fmt::format("'{}' in {} is {}, expected true or false.", name, place_, value->dump()));
        return value->get<bool>();
    }
    std::string text(const char* name, const char* fallback = "") const { return io::textMember(all_, name, fallback); }
    const json* present(const char* name) const {
        const json* value = io::member(all_, name);
        return value && !value->is_null() ? value : nullptr;
    }
    const std::string& place() const { return place_; }

  private:
    const json& all_;
    std::string place_;
};

Result<Family> familyOf(const Fields& fields) {
    const std::string type = fields.text("model_type");
    const std::pair<const char*, Family> known[] = {{"llama", Family::Llama}, {"opt", Family::Opt},     {"gpt2", Family::Gpt2},
                                                    {"qwen2", Family::Qwen2}, {"gemma", Family::Gemma}, {"gemma2", Family::Gemma2}};
    for (const auto& [name, family] : known)
        if (type == name) return family;
    // Folders written by hand or by older tools may name the class alone.
    if (const json* classes = fields.present("architectures"); type.empty() && classes && *classes == json::array({"LlamaForCausalLM"})) return Family::Llama;
    return fail(ErrorCode::Unsupported, fmt::format("{} says model_type '{}', which is not known here.", fields.place(), type),
                "Supported are llama (with Vicuna and Llama-3), opt, gpt2, qwen2, gemma and gemma2.");
}

Result<Activation> activationOf(const Fields& fields, const std::string& name) {
    if (name == "silu" || name == "swish") return Activation::Silu;
    if (name == "relu") return Activation::Relu;
    if (name == "gelu") return Activation::Gelu;
    if (name == "gelu_new" || name == "gelu_pytorch_tanh" || name == "gelu_fast") return Activation::GeluTanh;
    return fail(ErrorCode::Unsupported, fmt::format("{} uses the activation '{}', which is not known here.", fields.place(), name),
                "Supported are silu, relu, gelu, gelu_new and gelu_pytorch_tanh.");
}

Result<RopeScaling> ropeScalingOf(const Fields& fields) {
    RopeScaling scaling;
    const json* given = fields.present("rope_scaling");
    if (!given) return scaling;
    const Fields inner(*given, "'rope_scaling' of " + fields.place());
    const std::string type = inner.text("rope_type", inner.text("type", "default").c_str());
    if (type == "default") return scaling;
    if (type == "linear") scaling.kind = RopeScaling::Kind::Linear;
    else if (type == "dynamic") scaling.kind = RopeScaling::Kind::Dynamic;
    else if (type == "llama3") scaling.kind = RopeScaling::Kind::Llama3;
    else
        return fail(ErrorCode::Unsupported, fmt::format("{} has the type '{}', which is not known here.", inner.place(), type), "Supported are default, linear, dynamic and llama3.");
    DS_ASSIGN(scaling.factor, inner.real("factor", 0));
    DS_ASSIGN(scaling.lowFrequency, inner.real("low_freq_factor", 1));
    DS_ASSIGN(scaling.highFrequency, inner.real("high_freq_factor", 4));
    DS_ASSIGN(scaling.original, inner.real("original_max_position_embeddings", 8192));
    if (scaling.factor < 1 || scaling.lowFrequency <= 0 || scaling.highFrequency <= scaling.lowFrequency || scaling.original < 1)
        return fail(ErrorCode::BadInput, fmt::format("{} holds impossible factors: {}.", inner.place(), given->dump()), "Copy the model's config.json again.");
    return scaling;
}

Result<void> readTokens(const Fields& fields, ModelConfig& config) {
    const auto id = [&](const char* name, const json& value) -> Result<std::int64_t> {
        if (!value.is_number_integer() || value < -1 || value > kMaximumSize)
            return fail(ErrorCode::BadInput, fmt::format("'{}' in {} is {}, expected a token id.", name, fields.place(), value.dump()));
        return value.get<std::int64_t>();
    };
    if (const json* bos = fields.present("bos_token_id")) {
        DS_ASSIGN(config.bos, id("bos_token_id", *bos));
    }
    if (const json* pad = fields.present("pad_token_id")) {
        DS_ASSIGN(config.pad, id("pad_token_id", *pad));
    }
    if (const json* eos = fields.present("eos_token_id")) {
        for (const json& one : eos->is_array() ? *eos : json::array({*eos})) {
            DS_ASSIGN(const std::int64_t token, id("eos_token_id", one));
            config.eos.push_back(token);
        }
    }
    return {};
}

/// Llama, Qwen2, Gemma and Gemma 2 share their field names.
Result<void> readRotary(const Fields& fields, ModelConfig& config) {
    const bool gemma = config.family == Family::Gemma || config.family == Family::Gemma2;
    const bool qwen = config.family == Family::Qwen2;
    DS_ASSIGN(config.hidden, fields.size("hidden_size"));
    DS_ASSIGN(config.ffn, fields.size("intermediate_size"));
    DS_ASSIGN(config.layers, fields.size("num_hidden_layers", {}, kMaximumLayers));
    DS_ASSIGN(config.heads, fields.size("num_attention_heads"));
    DS_ASSIGN(config.kvHeads, fields.size("num_key_value_heads", config.heads));
    DS_ASSIGN(config.headDim, fields.size("head_dim", gemma ? 256 : std::max<std::int64_t>(1, config.hidden / config.heads)));
    DS_ASSIGN(config.positions, fields.size("max_position_embeddings", gemma ? 8192 : qwen ? 32768 : 2048));
    DS_ASSIGN(config.normEps, fields.real("rms_norm_eps", 1e-6));
    DS_ASSIGN(config.ropeTheta, fields.real("rope_theta", 10000));
    DS_ASSIGN(config.rope, ropeScalingOf(fields));
    DS_ASSIGN(config.tied, fields.flag("tie_word_embeddings", gemma));
    DS_ASSIGN(config.attentionBias, fields.flag("attention_bias", qwen));
    DS_ASSIGN(config.mlpBias, fields.flag("mlp_bias", false));
    // Gemma's first folders say "gelu" and mean its tanh form, which is what the weights were trained with.
    const std::string gemmaActivation = fields.text("hidden_activation", "gelu_pytorch_tanh");
    DS_ASSIGN(config.activation, activationOf(fields, gemma ? gemmaActivation : fields.text("hidden_act", "silu")));
    double scalar = static_cast<double>(config.headDim);
    if (config.family == Family::Gemma2) {
        DS_ASSIGN(scalar, fields.real("query_pre_attn_scalar", 256));
        DS_ASSIGN(config.attentionSoftcap, fields.real("attn_logit_softcapping", 0));
        DS_ASSIGN(config.finalSoftcap, fields.real("final_logit_softcapping", 0));
        DS_ASSIGN(config.slidingWindow, fields.size("sliding_window", 4096));
    }
    if (scalar <= 0) return fail(ErrorCode::BadInput, fmt::format("'query_pre_attn_scalar' in {} must be above 0.", fields.place()));
    config.attentionScale = 1 / std::sqrt(scalar);
    DS_ASSIGN(const bool sliding, fields.flag("use_sliding_window", false));
    if (sliding) return fail(ErrorCode::Unsupported, fmt::format("{} uses a sliding window in all layers, which is not supported for this family.", fields.place()), "Set use_sliding_window to false for prompts shorter than the window.");
    if (config.headDim % 2) return fail(ErrorCode::BadInput, fmt::format("The heads of {} have {} dimensions; rotary positions need an even number.", fields.place(), config.headDim));
    return {};
}

Result<void> readOpt(const Fields& fields, ModelConfig& config) {
    DS_ASSIGN(config.hidden, fields.size("hidden_size"));
    DS_ASSIGN(config.ffn, fields.size("ffn_dim"));
    DS_ASSIGN(config.layers, fields.size("num_hidden_layers", {}, kMaximumLayers));
    DS_ASSIGN(config.heads, fields.size("num_attention_heads"));
    DS_ASSIGN(config.positions, fields.size("max_position_embeddings", 2048));
    DS_ASSIGN(config.embedDim, fields.size("word_embed_proj_dim", config.hidden));
    DS_ASSIGN(config.normBefore, fields.flag("do_layer_norm_before", true));
    DS_ASSIGN(const bool removed, fields.flag("_remove_final_layer_norm", false));
    DS_ASSIGN(const bool bias, fields.flag("enable_bias", true));
    DS_ASSIGN(const bool affine, fields.flag("layer_norm_elementwise_affine", true));
    DS_ASSIGN(config.tied, fields.flag("tie_word_embeddings", true));
    DS_ASSIGN(config.activation, activationOf(fields, fields.text("activation_function", "relu")));
    if (!affine) return fail(ErrorCode::Unsupported, fmt::format("{} has norms without weights (Galactica), which are not supported.", fields.place()));
    config.finalNorm = config.normBefore && !removed;
    config.attentionBias = config.mlpBias = bias;
    return {};
}

Result<void> readGpt2(const Fields& fields, ModelConfig& config) {
    DS_ASSIGN(config.hidden, fields.size("n_embd"));
    DS_ASSIGN(config.ffn, fields.size("n_inner", 4 * config.hidden));
    DS_ASSIGN(config.layers, fields.size("n_layer", {}, kMaximumLayers));
    DS_ASSIGN(config.heads, fields.size("n_head"));
    DS_ASSIGN(config.positions, fields.size("n_positions", 1024));
    DS_ASSIGN(config.normEps, fields.real("layer_norm_epsilon", 1e-5));
    DS_ASSIGN(config.tied, fields.flag("tie_word_embeddings", true));
    DS_ASSIGN(config.activation, activationOf(fields, fields.text("activation_function", "gelu_new")));
    DS_ASSIGN(const bool scaled, fields.flag("scale_attn_weights", true));
    DS_ASSIGN(const bool byLayer, fields.flag("scale_attn_by_inverse_layer_idx", false));
    if (byLayer) return fail(ErrorCode::Unsupported, fmt::format("{} scales attention by the layer's index, which is not supported.", fields.place()));
    config.attentionBias = config.mlpBias = true;
    if (!scaled) config.attentionScale = 1;
    return {};
}

Result<void> check(const ModelConfig& config, const std::string& place) {
    const auto wrong = [&](const std::string& what) { return fail(ErrorCode::BadInput, fmt::format("{}: {}.", place, what), "Copy the model's config.json again."); };
    if (!config.rotary() && config.hidden % config.heads) return wrong(fmt::format("{} hidden dimensions cannot be divided among {} heads", config.hidden, config.heads));
    if (config.heads % config.kvHeads) return wrong(fmt::format("{} heads cannot share {} key-value heads", config.heads, config.kvHeads));
    if (config.normEps <= 0 || config.ropeTheta <= 1) return wrong("the norm's epsilon or rope_theta is out of range");
    if (config.attentionSoftcap < 0 || config.finalSoftcap < 0) return wrong("a softcap is negative");
    if (config.embedDim != config.hidden && config.family != Family::Opt) return wrong("embeddings and hidden states differ in size");
    return {};
}

}  // namespace

std::string_view name(Family family) {
    switch (family) {
        case Family::Llama: return "llama";
        case Family::Opt: return "opt";
        case Family::Gpt2: return "gpt2";
        case Family::Qwen2: return "qwen2";
        case Family::Gemma: return "gemma";
        case Family::Gemma2: return "gemma2";
    }
    return "";
}

Result<ModelConfig> ModelConfig::parse(const json& given, const std::string& place) {
    if (!given.is_object()) return fail(ErrorCode::BadInput, fmt::format("{} is not a JSON object.", place), "Copy the model's config.json again.");
    const Fields fields(given, place);
    ModelConfig config;
    config.source = given;
    DS_ASSIGN(config.family, familyOf(fields));
    DS_ASSIGN(config.vocab, fields.size("vocab_size"));
    if (config.rotary()) DS_TRY(readRotary(fields, config));
    else DS_TRY(config.family == Family::Opt ? readOpt(fields, config) : readGpt2(fields, config));
    DS_TRY(readTokens(fields, config));
    if (config.kvHeads == 0) config.kvHeads = config.heads;
    if (config.headDim == 0) config.headDim = config.hidden / config.heads;
    if (config.embedDim == 0) config.embedDim = config.hidden;
    if (config.attentionScale == 0) config.attentionScale = 1 / std::sqrt(static_cast<double>(config.headDim));
    DS_TRY(check(config, place));
    return config;
}

Result<ModelConfig> ModelConfig::read(const std::filesystem::path& folder) {
    const auto file = folder / "config.json";
    if (!std::filesystem::exists(file))
        return fail(ErrorCode::NotFound, fmt::format("{} has no config.json.", folder.string()), "Choose a Hugging Face model folder: config.json, model.safetensors and the tokenizer's files.");
    DS_ASSIGN(const json content, io::readJson(file));
    return parse(content, file.string());
}

}  // namespace driftscope::llm
