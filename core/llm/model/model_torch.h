#pragma once

#include <memory>

#include "core/llm/model/layers_torch.h"
#include "core/llm/model/weights_torch.h"

namespace driftscope::llm {

/// Where hidden states can be seen or changed. AttentionOut is what the attention module returns, before the residual is
/// added: the "hidden embedding" of Vaccine (NeurIPS 2024, section 3).
enum class Point { AttentionOut, MlpOut, Residual, FinalNorm };
/// Receives (B, T, hidden) and returns what the model goes on with. FinalNorm has layer = number of layers.
using Hook = std::function<Tensor(Point point, std::int64_t layer, const Tensor& value)>;

/// One forward pass.
struct ForwardInput {
    Tensor ids;                ///< (B, T) int64
    Tensor positions;          ///< (B, T) int64; undefined counts on from the cache
    Tensor keep;               ///< (B, S) bool, false for padding among all keys in sight; undefined when there is none.
                               ///< Padding on the right needs none: causal attention never looks there.
    KvCache* cache = nullptr;
    Mode mode = Mode::Eval;
    Hook hook;
    bool checkpoint = false;   ///< forget activations inside blocks and compute them again in the backward pass
    std::uint64_t dropoutSeed = 0;
    /// What the first block's attention returns, for passes that differ only behind it: kept here with its graph by the pass that
    /// finds it undefined, used by the others. Not with checkpointing.
    Tensor* firstAttention = nullptr;
};

/// One transformer block of any family.
struct Block {
    std::int64_t index = 0;
    Norm inputNorm, postAttentionNorm, preMlpNorm, postMlpNorm;  ///< absent ones have no weight
    Linear q, k, v, qkv, o;      ///< qkv is GPT-2's fused map; then q, k, v are absent
    Linear gate, up, down;       ///< gate is absent outside the Llama families
};

/// A decoder that predicts the next token. Copies share their tensors.
class CausalModel {
  public:
    /// Takes every tensor of the architecture from `weights`. Errors name the tensor: missing, extra, mis-shaped.
    static Result<CausalModel> build(const ModelConfig& config, WeightSource weights);
    /// Reads a Hugging Face folder. Errors: those of ModelConfig, WeightFiles and build.
    static Result<CausalModel> load(const std::filesystem::path& folder, Placement placement);

    const ModelConfig& config() const { return config_; }
    const Placement& placement() const { return placement_; }
    torch::TensorOptions options() const { return torch::TensorOptions().device(placement_.device).dtype(placement_.type); }

    /// Hidden states after the last norm, (B, T, hidden). Ids must lie in the vocabulary.
    Tensor hidden(const ForwardInput& input) const;
    /// The last norm (and OPT's projection) on any hidden state: for reading a block's output as if it were the last.
    Tensor normalised(const Tensor& residual) const;
    /// Next-token logits (..., vocab) in float32 (float64 for float64 models) of hidden states.
    Tensor logits(const Tensor& hidden) const;

    /// All linear maps of the blocks in order: what adapters attach to.
    std::vector<Linear*> linears();
    std::vector<const Linear*> linears() const;
    /// Every weight under its Hugging Face name, once.
    void visit(const std::function<void(const std::string& name, Tensor& weight)>& see);
    /// Merges adapters for a run of evaluations, or takes them apart again; the weights themselves stay as they are.
    void setMerged(bool merged);
    /// W += scale * B A for every adapter, which is then gone.
    void mergeAdapters();

  private:
    friend class ModelBuilder;
    struct Pass;
    friend struct BlockFunction;

    std::shared_ptr<const Pass> prepare(const ForwardInput& input) const;
    Tensor embed(const ForwardInput& input, const Tensor& positions) const;
    Tensor attention(const Block& block, const Tensor& x, const Pass& pass, Mode mode) const;
    Tensor attentionOf(const Block& block, const Tensor& x, const Pass& pass) const;
    Tensor mlp(const Block& block, const Tensor& x, const Pass& pass) const;
    Tensor run(const Block& block, const Tensor& x, const Pass& pass) const;

    ModelConfig config_;
    Placement placement_;
    Tensor embedding_, positionEmbedding_;
    std::string embeddingName_, positionName_, headName_;
    Linear projectIn_, projectOut_;
    std::vector<Block> blocks_;
    Norm finalNorm_;
    Tensor head_;  ///< undefined when tied
};

/// Keeps adapters merged while it lives.
class MergedScope {
  public:
    explicit MergedScope(CausalModel& model) : model_(model) { model_.setMerged(true); }
    ~MergedScope() { model_.setMerged(false); }
    MergedScope(const MergedScope&) = delete;
    MergedScope& operator=(const MergedScope&) = delete;

  private:
    CausalModel& model_;
};

/// Writes config.json and model.safetensors of the model, adapters merged. Errors: unwritable folder.
Result<void> saveModel(const std::filesystem::path& folder, const CausalModel& model);

}  // namespace driftscope::llm
