#pragma once

#include "core/io/json_access.h"
#include "core/llm/model/adapter_torch.h"
#include "core/llm/train/perturbation_torch.h"
#include "tests/core/llm/model/scratch.h"

namespace driftscope::llm {

/// The network and data of tests/data/llm/training/llm_training_reference.py: no random numbers, float64, tensor k holds
/// base + s sin(0.37 i + 1.3 k + 0.5).
class Golden {
  public:
    explicit Golden(double dropout = 0) : model_(build(dropout)), parameters_(FlatParameters::adapters(model_)) {
        for (std::int64_t b = 0; b < 2; ++b) {
            TokenSample align{{}, 3, fmt::format("align {}", b)}, harm{{}, 2, fmt::format("harm {}", b)};
            for (std::int64_t t = 0; t < (b == 1 ? 5 : 7); ++t) align.ids.push_back((7 * b + 5 * t + 3) % 64);
            for (std::int64_t t = 0; t < 7; ++t) harm.ids.push_back((11 * b + 3 * t + 9) % 64);
            align_.push_back(align);
            harmful_.push_back(harm);
        }
    }

    CausalModel& model() { return model_; }
    FlatParameters& parameters() { return parameters_; }
    const TokenSet& align() const { return align_; }
    const TokenSet& harmful() const { return harmful_; }
    Batch batch(const TokenSet& set) const { return makeBatch(set, {0, 1}, 0, torch::kCPU); }

    /// A context whose primary and align streams are the alignment data, both samples per batch.
    StepContext context(std::int64_t micro = 2, std::int64_t accumulate = 1) {
        StepContext context(model_, parameters_, 5);
        context.setStream(Stream::Primary, align_, micro);
        context.setStream(Stream::Align, align_, micro);
        context.setStream(Stream::Harmful, harmful_, micro);
        context.accumulate = accumulate;
        context.steps = 1000;
        context.step = 500;
        return context;
    }
    /// The gradient a method forms in its first step.
    Tensor gradientOf(const std::string& method, const MethodOptions& options, std::int64_t micro = 2, std::int64_t accumulate = 1, StepReport* report = nullptr) {
        StepContext steps = context(micro, accumulate);
        const auto made = makeMethod(method, options).value();
        EXPECT_TRUE(made->begin(steps));
        parameters_.clearGradient();
        const auto done = made->gradient(steps);
        EXPECT_TRUE(done) << method << ": " << (done ? "" : done.error().text());
        if (report && done) *report = *done;
        return parameters_.gradient().clone();
    }

  private:
    static CausalModel build(double dropout) {
        std::int64_t k = 0;
        const auto next = [&k](std::vector<std::int64_t> shape, double s = 0.08, double base = 0) {
            std::int64_t count = 1;
            for (const std::int64_t extent : shape) count *= extent;
            const Tensor i = torch::arange(count, torch::kFloat64);
            return (base + s * torch::sin(0.37 * i + 1.3 * static_cast<double>(k++) + 0.5)).view(shape);
        };
        TensorMap w;
        w["model.embed_tokens.weight"] = next({64, 32}, 0.5);
        for (int l = 0; l < 2; ++l) {
            const std::string at = fmt::format("model.layers.{}.", l);
            w[at + "input_layernorm.weight"] = next({32}, 0.05, 1);
            w[at + "self_attn.q_proj.weight"] = next({32, 32});
            w[at + "self_attn.k_proj.weight"] = next({16, 32});
            w[at + "self_attn.v_proj.weight"] = next({16, 32});
            w[at + "self_attn.o_proj.weight"] = next({32, 32});
            w[at + "post_attention_layernorm.weight"] = next({32}, 0.05, 1);
            w[at + "mlp.gate_proj.weight"] = next({88, 32});
            w[at + "mlp.up_proj.weight"] = next({88, 32});
            w[at + "mlp.down_proj.weight"] = next({32, 88});
        }
        w["model.norm.weight"] = next({32}, 0.05, 1);
        w["lm_head.weight"] = next({64, 32});
        const nlohmann::json config{{"model_type", "llama"}, {"vocab_size", 64}, {"hidden_size", 32}, {"intermediate_size", 88}, {"num_hidden_layers", 2},
                                    {"num_attention_heads", 4}, {"num_key_value_heads", 2}, {"rms_norm_eps", 1e-5}, {"tie_word_embeddings", false}};
        CausalModel model = CausalModel::build(ModelConfig::parse(config, "golden").value(), WeightSource::tensors(w, "golden", {torch::kCPU, torch::kFloat64})).value();
        const LoraConfig lora = LoraConfig::parse({{"r", 4}, {"lora_alpha", 8}, {"lora_dropout", dropout}, {"target_modules", {"q_proj", "k_proj", "v_proj"}}}, "golden").value();
        EXPECT_TRUE(addAdapters(model, lora, 1));
        std::vector<Linear*> targets;
        for (Linear* linear : model.linears())
            if (linear->lora) targets.push_back(linear);
        for (Linear* linear : targets) linear->lora->a = next({4, linear->in()}, 0.1);
        for (Linear* linear : targets) linear->lora->b = next({linear->out(), 4}, 0.05);
        return model;
    }

    CausalModel model_;
    FlatParameters parameters_;
    TokenSet align_, harmful_;
};

inline nlohmann::json goldenNumbers() {
    return io::readJson(kLlmData / "training" / "llm_training.json").value();
}

}  // namespace driftscope::llm
