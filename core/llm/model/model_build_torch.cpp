#include "core/base/atomic_file.h"
#include "core/llm/model/model_torch.h"
#include "core/tensor/guard.h"
#include "core/tensor/tensor_file.h"

namespace driftscope::llm {

/// Walks an architecture and takes its tensors by their Hugging Face names.
class ModelBuilder {
  public:
    ModelBuilder(const ModelConfig& config, WeightSource weights) : weights_(std::move(weights)) {
        model_.config_ = config;
        model_.placement_ = weights_.placement();
    }

    Result<CausalModel> build() {
        const ModelConfig& config = model_.config_;
        switch (config.family) {
            case Family::Opt: DS_TRY(opt()); break;
            case Family::Gpt2: DS_TRY(gpt2()); break;
            default: DS_TRY(llama());
        }
        // Old folders carry what is computed anew: rotary frequencies, causal masks; a tied head repeats the embeddings.
        std::vector<std::string> ignorable{"rotary_emb.inv_freq", ".attn.bias", ".attn.masked_bias"};
        if (config.tied) ignorable.push_back("lm_head.weight");
        DS_TRY(weights_.finish(ignorable));
        return std::move(model_);
    }

  private:
    Result<void> take(Tensor& into, const std::string& name, const std::vector<std::int64_t>& shape) {
        DS_ASSIGN(into, weights_.take(name, shape));
        return {};
    }
    Result<void> linear(Linear& into, const std::string& name, std::int64_t in, std::int64_t out, bool bias) {
        into.name = name;
        DS_TRY(take(into.weight, name + ".weight", {out, in}));
        if (bias) {
            DS_ASSIGN(into.bias, weights_.take(name + ".bias", {out}, 0));
        }
        return {};
    }
    /// GPT-2 stores its maps as (in, out).
    Result<void> conv1d(Linear& into, const std::string& name, std::int64_t in, std::int64_t out) {
        into.name = name;
        into.storedTransposed = true;
        DS_TRY(take(into.weight, name + ".weight", {in, out}));
        into.weight = into.weight.t();
        DS_ASSIGN(into.bias, weights_.take(name + ".bias", {out}, 0));
        return {};
    }
    Result<void> norm(Norm& into, const std::string& name, std::int64_t size, bool bias) {
        const ModelConfig& config = model_.config_;
        into.name = name;
        into.rms = config.rmsNorm();
        into.unitOffset = config.family == Family::Gemma || config.family == Family::Gemma2;
        into.eps = config.normEps;
        DS_ASSIGN(into.weight, weights_.take(name + ".weight", {size}, into.unitOffset ? 0 : 1));
        if (bias) {
            DS_ASSIGN(into.bias, weights_.take(name + ".bias", {size}, 0));
        }
        return {};
    }
    Result<void> embeddings(const std::string& name) {
        const ModelConfig& config = model_.config_;
        model_.embeddingName_ = name;
        DS_TRY(take(model_.embedding_, name, {config.vocab, config.embedDim}));
        model_.headName_ = "lm_head.weight";
        return config.tied ? Result<void>() : take(model_.head_, model_.headName_, {config.vocab, config.embedDim});
    }
    Result<void> positions(const std::string& name, std::int64_t rows) {
        model_.positionName_ = name;
        return take(model_.positionEmbedding_, name, {rows, model_.config_.hidden});
    }

    Result<void> llama() {
        const ModelConfig& c = model_.config_;
        weights_.alias("model.", "");
        DS_TRY(embeddings("model.embed_tokens.weight"));
        const bool outBias = c.attentionBias && c.family != Family::Qwen2;
        for (std::int64_t i = 0; i < c.layers; ++i) {
            Block& block = add(i);
            const std::string at = fmt::format("model.layers.{}.", i);
            DS_TRY(norm(block.inputNorm, at + "input_layernorm", c.hidden, false));
            DS_TRY(linear(block.q, at + "self_attn.q_proj", c.hidden, c.heads * c.headDim, c.attentionBias));
            DS_TRY(linear(block.k, at + "self_attn.k_proj", c.hidden, c.kvHeads * c.headDim, c.attentionBias));
            DS_TRY(linear(block.v, at + "self_attn.v_proj", c.hidden, c.kvHeads * c.headDim, c.attentionBias));
            DS_TRY(linear(block.o, at + "self_attn.o_proj", c.heads * c.headDim, c.hidden, outBias));
            const bool gemma2 = c.family == Family::Gemma2;
            if (gemma2) DS_TRY(norm(block.postAttentionNorm, at + "post_attention_layernorm", c.hidden, false));
            DS_TRY(norm(block.preMlpNorm, at + (gemma2 ? "pre_feedforward_layernorm" : "post_attention_layernorm"), c.hidden, false));
            if (gemma2) DS_TRY(norm(block.postMlpNorm, at + "post_feedforward_layernorm", c.hidden, false));
            DS_TRY(linear(block.gate, at + "mlp.gate_proj", c.hidden, c.ffn, c.mlpBias));
            DS_TRY(linear(block.up, at + "mlp.up_proj", c.hidden, c.ffn, c.mlpBias));
            DS_TRY(linear(block.down, at + "mlp.down_proj", c.ffn, c.hidden, c.mlpBias));
        }
        return norm(model_.finalNorm_, "model.norm", c.hidden, false);
    }

    Result<void> opt() {
        const ModelConfig& c = model_.config_;
        weights_.alias("model.decoder.", "decoder.");
        const std::string top = "model.decoder.";
        DS_TRY(embeddings(top + "embed_tokens.weight"));
        DS_TRY(positions(top + "embed_positions.weight", c.positions + 2));
        if (c.embedDim != c.hidden) {
            DS_TRY(linear(model_.projectIn_, top + "project_in", c.embedDim, c.hidden, false));
            DS_TRY(linear(model_.projectOut_, top + "project_out", c.hidden, c.embedDim, false));
        }
        for (std::int64_t i = 0; i < c.layers; ++i) {
            Block& block = add(i);
            const std::string at = fmt::format("{}layers.{}.", top, i);
            DS_TRY(linear(block.q, at + "self_attn.q_proj", c.hidden, c.hidden, c.attentionBias));
            DS_TRY(linear(block.k, at + "self_attn.k_proj", c.hidden, c.hidden, c.attentionBias));
            DS_TRY(linear(block.v, at + "self_attn.v_proj", c.hidden, c.hidden, c.attentionBias));
            DS_TRY(linear(block.o, at + "self_attn.out_proj", c.hidden, c.hidden, c.attentionBias));
            DS_TRY(norm(block.inputNorm, at + "self_attn_layer_norm", c.hidden, true));
            DS_TRY(linear(block.up, at + "fc1", c.hidden, c.ffn, c.mlpBias));
            DS_TRY(linear(block.down, at + "fc2", c.ffn, c.hidden, c.mlpBias));
            DS_TRY(norm(block.preMlpNorm, at + "final_layer_norm", c.hidden, true));
        }
        return c.finalNorm ? norm(model_.finalNorm_, top + "final_layer_norm", c.hidden, true) : Result<void>();
    }

    Result<void> gpt2() {
        const ModelConfig& c = model_.config_;
        weights_.alias("transformer.", "");
        DS_TRY(embeddings("transformer.wte.weight"));
        DS_TRY(positions("transformer.wpe.weight", c.positions));
        for (std::int64_t i = 0; i < c.layers; ++i) {
            Block& block = add(i);
            const std::string at = fmt::format("transformer.h.{}.", i);
            DS_TRY(norm(block.inputNorm, at + "ln_1", c.hidden, true));
            DS_TRY(conv1d(block.qkv, at + "attn.c_attn", c.hidden, 3 * c.hidden));
            DS_TRY(conv1d(block.o, at + "attn.c_proj", c.hidden, c.hidden));
            DS_TRY(norm(block.preMlpNorm, at + "ln_2", c.hidden, true));
            DS_TRY(conv1d(block.up, at + "mlp.c_fc", c.hidden, c.ffn));
            DS_TRY(conv1d(block.down, at + "mlp.c_proj", c.ffn, c.hidden));
        }
        return norm(model_.finalNorm_, "transformer.ln_f", c.hidden, true);
    }

    Block& add(std::int64_t index) {
        model_.blocks_.emplace_back();
        model_.blocks_.back().index = index;
        return model_.blocks_.back();
    }

    CausalModel model_;
    WeightSource weights_;
};

Result<CausalModel> CausalModel::build(const ModelConfig& config, WeightSource weights) {
    return ModelBuilder(config, std::move(weights)).build();
}

Result<CausalModel> CausalModel::load(const std::filesystem::path& folder, Placement placement) {
    DS_ASSIGN(const ModelConfig config, ModelConfig::read(folder));
    if (placement.type == torch::kFloat16 && placement.device.is_cpu())
        return fail(ErrorCode::Device, "float16 arithmetic is not available on the CPU.", "Use precision=fp32 or bf16, or --device cuda.");
    DS_ASSIGN(WeightFiles files, WeightFiles::open(folder));
    DS_ASSIGN(WeightSource weights, WeightSource::files(std::move(files), placement));
    return build(config, std::move(weights));
}

Result<void> saveModel(const std::filesystem::path& folder, const CausalModel& model) {
    CausalModel copy = model;
    DS_TRY(tensor::guarded("merging adapters", [&] { copy.mergeAdapters(); }));
    std::map<std::string, bool> transposed;
    for (const Linear* linear : std::as_const(copy).linears()) transposed[linear->name + ".weight"] = linear->storedTransposed;
    tensor::NamedTensors tensors;
    copy.visit([&](const std::string& name, Tensor& weight) {
        const auto found = transposed.find(name);
        tensors.emplace_back(name, found != transposed.end() && found->second ? weight.t() : weight);
    });
    DS_TRY(makeFolder(folder));
    DS_TRY(tensor::writeTensors(folder / "model.safetensors", tensors, {{"format", "pt"}}));
    return writeFileAtomically(folder / "config.json", model.config().source.dump(2) + "\n");
}

}  // namespace driftscope::llm
