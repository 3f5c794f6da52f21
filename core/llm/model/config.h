#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace driftscope::llm {

/// Decoder families whose Hugging Face folders are read. Vicuna and Llama-3 are Llama.
enum class Family { Llama, Opt, Gpt2, Qwen2, Gemma, Gemma2 };
enum class Activation { Silu, Relu, Gelu, GeluTanh };

/// How rotary frequencies are stretched beyond the trained length ("rope_scaling" of config.json).
struct RopeScaling {
    enum class Kind { None, Linear, Dynamic, Llama3 } kind = Kind::None;
    double factor = 1;
    double lowFrequency = 1, highFrequency = 4;  ///< Llama-3: wavelengths between original/high and original/low are blended
    double original = 8192;                      ///< Llama-3: positions of the first training
};

/// A decoder's architecture in one vocabulary for all families.
struct ModelConfig {
    Family family = Family::Llama;
    std::int64_t vocab = 0, hidden = 0, ffn = 0, layers = 0;
    std::int64_t heads = 0, kvHeads = 0, headDim = 0;
    std::int64_t positions = 2048;      ///< longest prompt and answer together, in tokens
    double normEps = 1e-5;
    double ropeTheta = 10000;
    RopeScaling rope;
    Activation activation = Activation::Silu;
    bool tied = false;                  ///< output weights are the embeddings
    bool attentionBias = false;         ///< q, k, v (and, except in Qwen2, o) carry a bias
    bool mlpBias = false;
    bool normBefore = true;             ///< OPT-350m alone normalises after each sublayer
    bool finalNorm = true;
    std::int64_t embedDim = 0;          ///< OPT-350m alone embeds in fewer dimensions and projects
    double attentionScale = 0;          ///< factor of the attention scores
    double attentionSoftcap = 0, finalSoftcap = 0;  ///< Gemma 2; 0 is off
    std::int64_t slidingWindow = 0;     ///< Gemma 2: tokens seen by even layers; 0 is off
    std::int64_t bos = -1;              ///< -1 when there is none
    std::vector<std::int64_t> eos;
    std::int64_t pad = -1;
    nlohmann::json source;              ///< config.json as it was read, written through when a model is saved

    bool rotary() const { return family != Family::Opt && family != Family::Gpt2; }
    bool rmsNorm() const { return rotary(); }
    bool gated() const { return rotary(); }

    /// Parses the content of a config.json; `place` names it in errors.
    /// Errors: unknown model_type or rope_scaling, sizes that are missing, out of range or do not divide.
    static Result<ModelConfig> parse(const nlohmann::json& json, const std::string& place);
    /// Reads `folder`/config.json.
    static Result<ModelConfig> read(const std::filesystem::path& folder);
};

std::string_view name(Family family);

}  // namespace driftscope::llm
