#include "core/llm/study/demo_plan.h"

#include <algorithm>

namespace driftscope::llm {
namespace {

using nlohmann::json;

/// What makes the demo's effects visible on a model this small, for all methods and for single ones; how they were found is told
/// in resources/doc/drift/report.md.
const std::vector<std::string> kDemoSettings{"align.epochs=10", "align.batch=10", "align.lr=1e-3", "align.lora.r=8", "align.lora.alpha=16", "align.max_length=128", "align.new_tokens=32", "align.eval_samples=100", "align.eval_batch=100",
                                             "align.log_every=10", "finetune.epochs=1", "finetune.batch=10", "finetune.lr=6e-4", "finetune.lora.r=8", "finetune.lora.alpha=32", "finetune.samples=440", "finetune.max_length=128",
                                             "finetune.new_tokens=32", "finetune.eval_samples=100", "finetune.eval_batch=100", "finetune.eval_every=5", "finetune.snapshots=true"};
const std::vector<std::pair<std::string, std::string>> kDemoMethodSettings{{"booster", "align.lambda=1"}, {"vaccine", "align.rho=1"}, {"random_vaccine", "align.rho=0.01"}, {"lisa", "finetune.rho=0.2"},
                                                                           {"lisa", "finetune.lisa.align_steps=4"}, {"lisa", "finetune.lisa.user_steps=10"}, {"bso", "finetune.lisa.align_steps=4"}, {"bso", "finetune.lisa.user_steps=10"}};

}  // namespace

json demoModel(std::int64_t vocabulary, std::int64_t hidden, std::int64_t layers) {
    return {{"architectures", {"LlamaForCausalLM"}}, {"model_type", "llama"}, {"hidden_size", hidden}, {"intermediate_size", 8 * hidden / 3}, {"num_hidden_layers", layers}, {"num_attention_heads", 4},
            {"num_key_value_heads", 4}, {"vocab_size", vocabulary}, {"max_position_embeddings", 256}, {"rms_norm_eps", 1e-5}, {"rope_theta", 10000.0}, {"hidden_act", "silu"}, {"tie_word_embeddings", true},
            {"bos_token_id", 0}, {"eos_token_id", 1}, {"pad_token_id", 2}, {"torch_dtype", "float32"}};
}

std::vector<std::string> demoSettings(const std::vector<std::string>& methods) {
    std::vector<std::string> settings = kDemoSettings;
    for (const auto& [method, line] : kDemoMethodSettings)
        if (std::find(methods.begin(), methods.end(), method) != methods.end()) settings.push_back(method + "." + line);
    return settings;
}

}  // namespace driftscope::llm
