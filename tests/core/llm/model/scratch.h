#pragma once

#include <unistd.h>

#include <filesystem>

#include "core/base/atomic_file.h"
#include "core/llm/model/model_torch.h"
#include "core/tensor/device.h"
#include "core/tensor/tensor_file.h"

namespace driftscope::llm {

inline const std::filesystem::path kLlmData = std::filesystem::path(DRIFTSCOPE_TEST_DATA) / "llm";

/// Tiny matrices gain nothing from threads, and tests run beside each other.
inline const int kTestThreads = tensor::useThreads(1);

/// A folder that goes with the test.
class Scratch {
  public:
    Scratch() : path_(std::filesystem::temp_directory_path() / fmt::format("driftscope-llm-{}-{}", ::getpid(), count_++)) { std::filesystem::create_directories(path_); }
    ~Scratch() { std::filesystem::remove_all(path_); }
    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

  private:
    static inline int count_ = 0;
    std::filesystem::path path_;
};

inline nlohmann::json tinyLlama() {
    return {{"model_type", "llama"}, {"vocab_size", 40}, {"hidden_size", 16}, {"intermediate_size", 24}, {"num_hidden_layers", 2}, {"num_attention_heads", 4},
            {"num_key_value_heads", 2}, {"max_position_embeddings", 64}, {"rms_norm_eps", 1e-5}, {"tie_word_embeddings", false}, {"bos_token_id", 1}, {"eos_token_id", 2}};
}

inline CausalModel newModel(const nlohmann::json& config, torch::ScalarType type = torch::kFloat32, std::uint64_t seed = 1) {
    return CausalModel::build(ModelConfig::parse(config, "test").value(), WeightSource::random(seed, {torch::kCPU, type})).value();
}

inline Tensor logitsOf(const CausalModel& model, const std::vector<std::int64_t>& ids) {
    const torch::NoGradGuard noGradient;
    ForwardInput input;
    input.ids = torch::tensor(ids, torch::kInt64).unsqueeze(0);
    return model.logits(model.hidden(input))[0];
}

}  // namespace driftscope::llm
