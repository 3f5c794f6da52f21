#pragma once

#include "core/llm/model/lora_config.h"
#include "core/llm/model/model_torch.h"

namespace driftscope::llm {

/// Attaches new adapters: A ~ U(-1/sqrt(in), 1/sqrt(in)), B = 0, in float32 (float64 for float64 models).
/// Errors: targets that match no module of the model (as upstream on GPT-2), an adapter that is there already.
Result<void> addAdapters(CausalModel& model, const LoraConfig& config, std::uint64_t seed);

/// Attaches the adapter of a PEFT folder (adapter_config.json, adapter_model.safetensors). Errors name the tensor: missing,
/// extra, mis-shaped; adapter_model.bin is refused with the remedy.
Result<LoraConfig> loadAdapter(CausalModel& model, const std::filesystem::path& folder);

/// Merges every folder but the last; the last stays an adapter (which single-LoRA training goes on with) unless `mergeAll`.
/// Returns the last one's settings, or nothing when all are merged or none was given.
Result<std::optional<LoraConfig>> loadAdapterChain(CausalModel& model, const std::vector<std::string>& folders, bool mergeAll);

/// Writes adapter_config.json and adapter_model.safetensors with PEFT's names. Errors: unwritable folder.
Result<void> saveAdapter(const std::filesystem::path& folder, const CausalModel& model, const LoraConfig& config, const std::string& baseModel);

}  // namespace driftscope::llm
