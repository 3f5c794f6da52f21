#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/llm/model/config.h"
#include "core/tensor/torch.h"

namespace driftscope::llm {

using torch::Tensor;

/// What a forward pass differentiates.
enum class Mode {
    Eval,   ///< no dropout
    Train,  ///< adapters with their dropout
    Fixed,  ///< as Train, but weights are constants: gradients reach activations alone
};

/// A low-rank update of a linear map: y += scale * B (A dropout(x)), A (r, in), B (out, r).
struct Lora {
    Tensor a, b;
    double scale = 1;
    double dropout = 0;
    double alpha = 1;
};

/// A linear map under its Hugging Face name, with at most one adapter.
struct Linear {
    std::string name;
    Tensor weight;            ///< (out, in); a transposed view for GPT-2's Conv1D
    Tensor bias;              ///< (out), or undefined
    bool storedTransposed = false;
    std::optional<Lora> lora;
    Tensor merged;            ///< weight with the adapter inside, while an evaluation lasts; else undefined

    std::int64_t in() const { return weight.size(1); }
    std::int64_t out() const { return weight.size(0); }
    /// x (..., in) -> (..., out).
    Tensor operator()(const Tensor& x, Mode mode) const;
    /// weight + scale * B A in the weight's type; the products are formed in float32 or better.
    Tensor effective() const;
};

/// Several maps of one input. With constant weights they are one product, whose gradient is one product too.
std::vector<Tensor> applyAll(const std::vector<const Linear*>& maps, const Tensor& x, Mode mode);

/// RMSNorm (Llama; Gemma multiplies by 1 + weight) or LayerNorm; computed in float32 or better.
struct Norm {
    std::string name;
    Tensor weight, bias;
    bool rms = true;
    bool unitOffset = false;
    double eps = 1e-5;
    Tensor operator()(const Tensor& x) const;
};

Tensor activate(Activation activation, const Tensor& x);

/// cos and sin of the rotary angles, (T, headDim) each, for positions (T) or (B, T), the latter as (B, 1, T, headDim).
struct Rotary {
    Tensor cos, sin;
    /// `length` is the number of tokens in sight, which dynamic scaling needs.
    static Rotary make(const ModelConfig& config, const Tensor& positions, std::int64_t length, torch::ScalarType type);
    /// x (B, H, T, headDim), halves rotated against each other as Hugging Face stores Llama.
    Tensor apply(const Tensor& x) const;
};

/// Softmax attention with grouped key-value heads: q (B, H, T, d), k and v (B, KV, S, d) -> (B, T, H d).
/// `mask` is additive, (1 or B, 1, T, S), or undefined when everything may be seen.
Tensor attend(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, double scale, double softcap);

/// Keys and values of what was read so far, for generation. (B, KV, capacity, d) per layer.
struct KvCache {
    std::vector<Tensor> keys, values;
    std::int64_t length = 0;
    KvCache(const ModelConfig& config, std::int64_t batch, std::int64_t capacity, const torch::TensorOptions& options);
};

}  // namespace driftscope::llm
