#include "core/llm/model/layers_torch.h"

#include <algorithm>
#include <cmath>

namespace driftscope::llm {
namespace {

bool isHalf(const Tensor& x) {
    return x.scalar_type() == torch::kFloat16 || x.scalar_type() == torch::kBFloat16;
}

/// y + scale * (x A^T) B^T in one product with y as the accumulator.
Tensor addAdapter(const Tensor& y, const Tensor& x, const Lora& lora, Mode mode) {
    const bool constant = mode == Mode::Fixed;
    const Tensor dropped = lora.dropout > 0 && mode != Mode::Eval ? at::dropout(x, lora.dropout, true) : x;
    // Adapters stay in float32 and compute in the model's type, as autocast does.
    const Tensor a = (constant ? lora.a.detach() : lora.a).to(x.scalar_type());
    const Tensor b = (constant ? lora.b.detach() : lora.b).to(x.scalar_type());
    return at::addmm(y, at::mm(dropped, a.t()), b.t(), 1, lora.scale);
}

/// The adapter can be taken into the weight: it is constant, does not drop, and the weight's type holds the sum.
bool foldable(const Linear& map, Mode mode) {
    return mode == Mode::Fixed && !map.merged.defined() && !isHalf(map.weight) && !(map.lora && map.lora->dropout > 0);
}

}  // namespace

Tensor Linear::effective() const {
    if (!lora) return weight;
    const auto type = weight.scalar_type() == torch::kFloat64 ? torch::kFloat64 : torch::kFloat32;
    return at::addmm(weight.to(type), lora->b.to(type), lora->a.to(type), 1, lora->scale).to(weight.scalar_type());
}

Tensor Linear::operator()(const Tensor& x, Mode mode) const {
    const Tensor rows = x.reshape({-1, in()});
    // A constant adapter without dropout is a constant weight: one product forward and one backward instead of three.
    const bool folded = lora && foldable(*this, mode), inside = folded || merged.defined();
    Tensor w = merged.defined() ? merged : weight;
    if (folded) {
        const torch::NoGradGuard noGradient;
        w = effective();
    }
    const auto constant = [&](const Tensor& weights) { return (mode == Mode::Fixed ? weights.detach() : weights).to(rows.scalar_type()); };
    Tensor y = bias.defined() ? at::addmm(constant(bias), rows, constant(w).t()) : at::mm(rows, constant(w).t());
    if (lora && !inside) y = addAdapter(y, rows, *lora, mode);
    std::vector<std::int64_t> shape = x.sizes().vec();
    shape.back() = out();
    return y.view(shape);
}

std::vector<Tensor> applyAll(const std::vector<const Linear*>& maps, const Tensor& x, Mode mode) {
    std::vector<Tensor> results;
    const bool folded = std::all_of(maps.begin(), maps.end(), [&](const Linear* map) { return foldable(*map, mode) && !map->bias.defined(); });
    if (!folded) {
        for (const Linear* map : maps) results.push_back((*map)(x, mode));
        return results;
    }
    Tensor joint;
    std::vector<std::int64_t> widths, shape = x.sizes().vec();
    {
        const torch::NoGradGuard noGradient;
        std::vector<Tensor> weights;
        for (const Linear* map : maps) weights.push_back(map->effective()), widths.push_back(map->out());
        joint = at::cat(weights);
    }
    shape.back() = joint.size(0);
    return at::mm(x.reshape({-1, x.size(-1)}), joint.t()).view(shape).split_with_sizes(widths, -1);
}

Tensor Norm::operator()(const Tensor& x) const {
    if (!rms) return at::layer_norm(x, {x.size(-1)}, weight.to(x.scalar_type()), bias.to(x.scalar_type()), eps);
    const Tensor wide = isHalf(x) ? x.to(torch::kFloat32) : x;
    const Tensor normal = wide * at::rsqrt(wide.square().mean(-1, true) + eps);
    // Llama multiplies after the cast back, Gemma before it: visible in bfloat16.
    if (unitOffset) return (normal * (1 + weight.to(wide.scalar_type()))).to(x.scalar_type());
    return normal.to(x.scalar_type()) * weight.to(x.scalar_type());
}

Tensor activate(Activation activation, const Tensor& x) {
    switch (activation) {
        case Activation::Silu: return at::silu(x);
        case Activation::Relu: return at::relu(x);
        case Activation::Gelu: return at::gelu(x);
        case Activation::GeluTanh: return at::gelu(x, "tanh");
    }
    return x;
}

Rotary Rotary::make(const ModelConfig& config, const Tensor& positions, std::int64_t length, torch::ScalarType type) {
    const auto wide = type == torch::kFloat64 ? torch::kFloat64 : torch::kFloat32;
    const auto options = torch::TensorOptions().device(positions.device()).dtype(wide);
    const auto dim = static_cast<double>(config.headDim);
    double theta = config.ropeTheta;
    const RopeScaling& scaling = config.rope;
    if (scaling.kind == RopeScaling::Kind::Dynamic && length > config.positions)
        theta *= std::pow(scaling.factor * static_cast<double>(length) / static_cast<double>(config.positions) - (scaling.factor - 1), dim / (dim - 2));
    Tensor frequency = 1 / at::pow(theta, torch::arange(0, config.headDim, 2, options) / dim);
    if (scaling.kind == RopeScaling::Kind::Linear) frequency = frequency / scaling.factor;
    if (scaling.kind == RopeScaling::Kind::Llama3) {
        const Tensor turns = scaling.original * frequency / (2 * M_PI);  // full turns within the first training's length
        const Tensor smooth = ((turns - scaling.lowFrequency) / (scaling.highFrequency - scaling.lowFrequency)).clamp(0, 1);
        frequency = (1 - smooth) * frequency / scaling.factor + smooth * frequency;
    }
    Tensor angles = positions.to(wide).unsqueeze(-1) * frequency;
    angles = at::cat({angles, angles}, -1);
    if (positions.dim() == 2) angles = angles.unsqueeze(1);
    return {at::cos(angles).to(type), at::sin(angles).to(type)};
}

Tensor Rotary::apply(const Tensor& x) const {
    const std::int64_t half = x.size(-1) / 2;
    const Tensor turned = at::cat({-x.narrow(-1, half, half), x.narrow(-1, 0, half)}, -1);
    return at::addcmul(x * cos, turned, sin);
}

Tensor attend(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, double scale, double softcap) {
    const std::int64_t batch = q.size(0), heads = q.size(1), length = q.size(2), dim = q.size(3), groups = k.size(1), seen = k.size(2);
    const std::int64_t repeat = heads / groups;
#if TORCH_VERSION_MAJOR >= 2
    if (softcap == 0) {
        // The scale argument is younger than the function: fold a deviating scale into q.
        const double usual = 1 / std::sqrt(static_cast<double>(dim));
        const Tensor scaled = scale == usual ? q : q * (scale / usual);
        const auto spread = [&](const Tensor& x) { return repeat == 1 ? x : x.repeat_interleave(repeat, 1); };
        const c10::optional<Tensor> bias = mask.defined() ? c10::optional<Tensor>(mask) : c10::nullopt;
        return at::scaled_dot_product_attention(scaled, spread(k), spread(v), bias).transpose(1, 2).reshape({batch, length, heads * dim});
    }
#endif
    // Query heads that share a key-value head stand below each other in one product, so that nothing is repeated.
    const Tensor rows = q.reshape({batch * groups, repeat * length, dim});
    const Tensor columns = k.reshape({batch * groups, seen, dim}).transpose(1, 2);
    Tensor bias;
    if (mask.defined()) {
        bias = repeat == 1 ? mask : mask.repeat({1, 1, repeat, 1});
        bias = bias.size(0) == 1 ? bias.squeeze(0) : bias.expand({batch, groups, -1, -1}).reshape({batch * groups, repeat * length, seen});
    }
    Tensor scores;
    if (softcap > 0) {
        scores = at::tanh(at::bmm(rows, columns) * (scale / softcap)) * softcap;
        if (bias.defined()) scores = scores + bias;
    } else {
        scores = bias.defined() ? at::baddbmm(bias.expand({batch * groups, -1, -1}), rows, columns, 1, scale) : at::bmm(rows, columns) * scale;
    }
    const Tensor weights = isHalf(scores) ? at::softmax(scores, -1, torch::kFloat32).to(scores.scalar_type()) : at::softmax(scores, -1);
    const Tensor mixed = at::bmm(weights, v.reshape({batch * groups, seen, dim}));
    return mixed.view({batch, heads, length, dim}).transpose(1, 2).reshape({batch, length, heads * dim});
}

KvCache::KvCache(const ModelConfig& config, std::int64_t batch, std::int64_t capacity, const torch::TensorOptions& options) {
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        keys.push_back(torch::zeros({batch, config.kvHeads, capacity, config.headDim}, options));
        values.push_back(torch::zeros({batch, config.kvHeads, capacity, config.headDim}, options));
    }
}

}  // namespace driftscope::llm
