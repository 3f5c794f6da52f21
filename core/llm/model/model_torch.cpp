#include "core/llm/model/model_torch.h"

#include <limits>

#include "core/base/fingerprint.h"
#include "core/tensor/guard.h"

namespace driftscope::llm {

/// What all blocks of one forward pass share.
struct CausalModel::Pass {
    Rotary rotary;
    Tensor mask, windowMask;  ///< additive, (1 or B, 1, T, S)
    KvCache* cache = nullptr;
    Mode mode = Mode::Eval;
    Hook hook;
    std::uint64_t dropoutSeed = 0;
    Tensor* firstAttention = nullptr;

    Tensor see(Point point, std::int64_t layer, const Tensor& value) const { return hook ? hook(point, layer, value) : value; }
};

namespace {

/// Additive mask over keys: causal, without padding, and within `window` tokens when that is above 0.
Tensor additiveMask(std::int64_t length, std::int64_t past, const Tensor& keep, std::int64_t window, const torch::TensorOptions& options) {
    const std::int64_t seen = past + length;
    if (length == 1 && !keep.defined() && (window == 0 || seen <= window)) return {};
    const auto indices = torch::TensorOptions().device(options.device()).dtype(torch::kInt64);
    const Tensor row = torch::arange(past, seen, indices).unsqueeze(1), column = torch::arange(seen, indices).unsqueeze(0);
    Tensor allowed = column <= row;
    if (window > 0) allowed = allowed.logical_and(column > row - window);
    allowed = allowed.view({1, 1, length, seen});
    if (keep.defined()) allowed = allowed.logical_and(keep.view({keep.size(0), 1, 1, seen}));
    // The most negative finite number: a row that may see nothing (padding) stays finite.
    double lowest = -std::numeric_limits<float>::max();
    if (options.dtype() == torch::kFloat16) lowest = -65504;
    if (options.dtype() == torch::kBFloat16) lowest = -3.3895313892515355e38;
    return torch::zeros(allowed.sizes(), options).masked_fill_(allowed.logical_not(), lowest);
}

Tensor splitHeads(const Tensor& x, std::int64_t heads) {
    return x.view({x.size(0), x.size(1), heads, -1}).transpose(1, 2);
}

}  // namespace

/// Runs a block without remembering its inside and runs it again when its gradient is wanted.
struct BlockFunction : torch::autograd::Function<BlockFunction> {
    using Context = torch::autograd::AutogradContext;
    struct Work : torch::CustomClassHolder {
        const CausalModel* model = nullptr;  ///< must outlive the graph
        std::size_t block = 0;
        std::shared_ptr<const CausalModel::Pass> pass;
        Tensor run(const Tensor& x) const { return model->run(model->blocks_[block], x, *pass); }
    };

    static Tensor forward(Context* context, const Tensor& x, const c10::intrusive_ptr<Work>& work) {
        context->save_for_backward({x});
        context->saved_data["work"] = c10::IValue::make_capsule(work);
        return work->run(x);
    }
    static torch::autograd::variable_list backward(Context* context, torch::autograd::variable_list gradients) {
        const auto held = context->saved_data["work"].toCapsule();
        const auto& work = static_cast<const Work&>(*held);
        const torch::AutoGradMode enabled(true);
        const Tensor x = context->get_saved_variables()[0].detach().requires_grad_(true);
        torch::autograd::backward({work.run(x)}, {gradients[0]});
        return {x.grad(), Tensor()};
    }
};

std::shared_ptr<const CausalModel::Pass> CausalModel::prepare(const ForwardInput& input) const {
    auto pass = std::make_shared<Pass>();
    const std::int64_t length = input.ids.size(1), past = input.cache ? input.cache->length : 0;
    pass->cache = input.cache;
    pass->mode = input.mode;
    pass->hook = input.hook;
    pass->dropoutSeed = input.dropoutSeed;
    pass->firstAttention = input.firstAttention;
    pass->mask = additiveMask(length, past, input.keep, 0, options());
    pass->windowMask = config_.slidingWindow > 0 ? additiveMask(length, past, input.keep, config_.slidingWindow, options()) : pass->mask;
    if (config_.rotary()) {
        const Tensor positions = input.positions.defined() ? input.positions : torch::arange(past, past + length, input.ids.options());
        pass->rotary = Rotary::make(config_, positions, past + length, placement_.type);
    }
    return pass;
}

Tensor CausalModel::embed(const ForwardInput& input, const Tensor& positions) const {
    // Weights under training stay in float32 whatever the model computes in.
    Tensor x = at::embedding(embedding_, input.ids).to(placement_.type);
    if (config_.family == Family::Gemma || config_.family == Family::Gemma2)
        x = x * torch::scalar_tensor(std::sqrt(static_cast<double>(config_.hidden)), x.options());
    if (projectIn_.weight.defined()) x = projectIn_(x, input.mode);
    if (positionEmbedding_.defined()) x = x + at::embedding(positionEmbedding_, config_.family == Family::Opt ? positions + 2 : positions).to(placement_.type);
    return x;
}

Tensor CausalModel::attention(const Block& block, const Tensor& x, const Pass& pass, Mode mode) const {
    const auto parts = block.qkv.weight.defined() ? block.qkv(x, mode).chunk(3, -1) : applyAll({&block.q, &block.k, &block.v}, x, mode);
    Tensor q = parts[0], k = parts[1], v = parts[2];
    q = splitHeads(q, config_.heads), k = splitHeads(k, config_.kvHeads), v = splitHeads(v, config_.kvHeads);
    if (config_.rotary()) q = pass.rotary.apply(q), k = pass.rotary.apply(k);
    if (pass.cache) {
        const auto layer = static_cast<std::size_t>(block.index);
        const std::int64_t past = pass.cache->length, seen = past + x.size(1);
        pass.cache->keys[layer].narrow(2, past, x.size(1)).copy_(k);
        pass.cache->values[layer].narrow(2, past, x.size(1)).copy_(v);
        k = pass.cache->keys[layer].narrow(2, 0, seen);
        v = pass.cache->values[layer].narrow(2, 0, seen);
    }
    // Gemma 2: every other layer, beginning with the first, sees a window.
    const Tensor& mask = block.index % 2 == 0 ? pass.windowMask : pass.mask;
    return block.o(attend(q, k, v, mask, config_.attentionScale, config_.attentionSoftcap), mode);
}

/// A block's attention on its normalised input, or what another pass has found for it.
Tensor CausalModel::attentionOf(const Block& block, const Tensor& x, const Pass& pass) const {
    const auto compute = [&](Mode mode) { return attention(block, config_.normBefore ? block.inputNorm(x) : x, pass, mode); };
    if (block.index > 0 || !pass.firstAttention) return compute(pass.mode);
    if (!pass.firstAttention->defined()) *pass.firstAttention = compute(pass.mode == Mode::Fixed ? Mode::Train : pass.mode);
    return pass.mode == Mode::Fixed ? pass.firstAttention->detach() : *pass.firstAttention;
}

Tensor CausalModel::mlp(const Block& block, const Tensor& x, const Pass& pass) const {
    if (!block.gate.weight.defined()) return block.down(activate(config_.activation, block.up(x, pass.mode)), pass.mode);
    const std::vector<Tensor> parts = applyAll({&block.gate, &block.up}, x, pass.mode);
    return block.down(activate(config_.activation, parts[0]) * parts[1], pass.mode);
}

Tensor CausalModel::run(const Block& block, const Tensor& input, const Pass& pass) const {
    // Dropout masks follow from (seed, block), so that a checkpointed block draws the same ones again.
    const auto seed = [&](std::uint64_t half) {
        if (pass.mode != Mode::Eval && pass.dropoutSeed) torch::manual_seed(randomBits(pass.dropoutSeed, half, static_cast<std::uint64_t>(block.index)));
    };
    seed(11);
    Tensor x = input;
    Tensor branch = attentionOf(block, x, pass);
    branch = pass.see(Point::AttentionOut, block.index, branch);
    seed(12);
    x = x + (block.postAttentionNorm.weight.defined() ? block.postAttentionNorm(branch) : branch);
    if (!config_.normBefore) x = block.inputNorm(x);
    branch = pass.see(Point::MlpOut, block.index, mlp(block, config_.normBefore ? block.preMlpNorm(x) : x, pass));
    x = x + (block.postMlpNorm.weight.defined() ? block.postMlpNorm(branch) : branch);
    if (!config_.normBefore) x = block.preMlpNorm(x);
    return pass.see(Point::Residual, block.index, x);
}

Tensor CausalModel::hidden(const ForwardInput& input) const {
    const auto pass = prepare(input);
    Tensor positions = input.positions;
    if (!positions.defined() && positionEmbedding_.defined()) {
        const std::int64_t past = input.cache ? input.cache->length : 0;
        positions = torch::arange(past, past + input.ids.size(1), input.ids.options());
    }
    Tensor x = embed(input, positions);
    // A checkpointed block only gets a gradient when something that enters it wants one.
    if (input.checkpoint && torch::GradMode::is_enabled() && !x.requires_grad()) x = x.detach().requires_grad_(true);
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
        if (!input.checkpoint || !torch::GradMode::is_enabled()) {
            x = run(blocks_[i], x, *pass);
            continue;
        }
        auto work = c10::make_intrusive<BlockFunction::Work>();
        work->model = this, work->block = i, work->pass = pass;
        x = BlockFunction::apply(x, work);
    }
    if (input.cache) input.cache->length += input.ids.size(1);
    return pass->see(Point::FinalNorm, config_.layers, normalised(x));
}

Tensor CausalModel::normalised(const Tensor& residual) const {
    const Tensor x = finalNorm_.weight.defined() ? finalNorm_(residual) : residual;
    return projectOut_.weight.defined() ? projectOut_(x, Mode::Eval) : x;
}

Tensor CausalModel::logits(const Tensor& hidden) const {
    const Tensor& weight = head_.defined() ? head_ : embedding_;
    std::vector<std::int64_t> shape = hidden.sizes().vec();
    shape.back() = weight.size(0);
    Tensor values = at::mm(hidden.reshape({-1, hidden.size(-1)}), weight.to(hidden.scalar_type()).t()).view(shape);
    if (values.scalar_type() != torch::kFloat64) values = values.to(torch::kFloat32);
    if (config_.finalSoftcap > 0) values = at::tanh(values / config_.finalSoftcap) * config_.finalSoftcap;
    return values;
}

std::vector<Linear*> CausalModel::linears() {
    std::vector<Linear*> all;
    for (Block& block : blocks_)
        for (Linear* linear : {&block.qkv, &block.q, &block.k, &block.v, &block.o, &block.gate, &block.up, &block.down})
            if (linear->weight.defined()) all.push_back(linear);
    return all;
}

std::vector<const Linear*> CausalModel::linears() const {
    const auto all = const_cast<CausalModel*>(this)->linears();
    return {all.begin(), all.end()};
}

void CausalModel::visit(const std::function<void(const std::string&, Tensor&)>& see) {
    const auto one = [&](const std::string& name, Tensor& weight) {
        if (weight.defined()) see(name, weight);
    };
    const auto linear = [&](Linear& map) { one(map.name + ".weight", map.weight), one(map.name + ".bias", map.bias); };
    const auto norm = [&](Norm& map) { one(map.name + ".weight", map.weight), one(map.name + ".bias", map.bias); };
    one(embeddingName_, embedding_);
    one(positionName_, positionEmbedding_);
    linear(projectIn_);
    linear(projectOut_);
    for (Block& block : blocks_) {
        for (Norm* each : {&block.inputNorm, &block.postAttentionNorm, &block.preMlpNorm, &block.postMlpNorm}) norm(*each);
        for (Linear* each : {&block.qkv, &block.q, &block.k, &block.v, &block.o, &block.gate, &block.up, &block.down}) linear(*each);
    }
    norm(finalNorm_);
    one(headName_, head_);
}

void CausalModel::setMerged(bool merged) {
    const torch::NoGradGuard noGradient;
    for (Linear* linear : linears()) linear->merged = merged && linear->lora ? linear->effective() : Tensor();
}

void CausalModel::mergeAdapters() {
    const torch::NoGradGuard noGradient;
    for (Linear* linear : linears()) {
        if (!linear->lora) continue;
        linear->weight = linear->effective();
        linear->lora.reset();
    }
}

}  // namespace driftscope::llm
