#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace driftscope::tensor {

/// Saves module, AdamW moments and the CPU generator in one safetensors file, with `state` (epoch, step, sampler, …) as JSON
/// in its metadata: one file, so that a kill leaves the old checkpoint or the new one, never a mixture.
Result<void> saveCheckpoint(const std::filesystem::path& file, const torch::nn::Module& module, const torch::optim::AdamW& optimiser,
                            const nlohmann::json& state);

/// Restores all three and returns `state`. The optimiser must hold the module's parameters.
/// Errors: missing or damaged file, tensors of another architecture.
Result<nlohmann::json> loadCheckpoint(const std::filesystem::path& file, torch::nn::Module& module, torch::optim::AdamW& optimiser);

}  // namespace driftscope::tensor
