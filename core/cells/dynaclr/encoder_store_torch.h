#pragma once

#include <filesystem>

#include "core/cells/dynaclr/encoder_torch.h"

namespace driftscope::cells {

/// An encoder as it lies on disk: weights.safetensors and, when trained here, config.json beside it.
struct StoredEncoder {
    ContrastiveEncoder encoder{nullptr};       ///< in eval mode, on the CPU
    nlohmann::json preprocessing;              ///< how patches were made for training; null when unknown
    std::string fingerprint;                   ///< content hash of the weights file
};

/// Loads weights with or without Lightning's `model.` prefix. The architecture comes from `config.json` beside the file
/// (its "encoder" field, or VisCy's argument names at top level), else from the tensor shapes.
/// Errors name the tensor or field: missing, extra, mis-shaped, depth that does not divide.
Result<StoredEncoder> loadEncoder(const std::filesystem::path& weights);

/// Writes `folder`/weights.safetensors and `folder`/config.json, each atomically.
Result<void> saveEncoder(const std::filesystem::path& folder, const ContrastiveEncoder& encoder, const nlohmann::json& preprocessing,
                         const nlohmann::json& provenance);

}  // namespace driftscope::cells
