#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace driftscope::topics {

/// Adam (Kingma and Ba 2015) with L2 added to the gradient, in one pass over each parameter: the networks here are wide and
/// shallow, so that the optimiser costs as much as the network when every operation walks memory again.
class Adam {
  public:
    struct Settings {
        double rate = 1e-3, mean = 0.9, square = 0.999, epsilon = 1e-8, weightDecay = 0;
    };
    /// Parameters of `module` that want gradients.
    Adam(const torch::nn::Module& module, const Settings& settings);

    void clearGradients();
    void step();
    std::int64_t steps() const { return steps_; }

    /// Module, moments and `state` in one safetensors file.
    Result<void> save(const std::filesystem::path& file, const torch::nn::Module& module, const nlohmann::json& state) const;
    /// Restores them and returns `state`. Errors: missing or damaged file, tensors of another architecture.
    Result<nlohmann::json> load(const std::filesystem::path& file, torch::nn::Module& module);

  private:
    struct Slot {
        std::string name;
        torch::Tensor parameter, mean, square;
    };
    Settings settings_;
    std::vector<Slot> slots_;
    std::int64_t steps_ = 0;
};

}  // namespace driftscope::topics
