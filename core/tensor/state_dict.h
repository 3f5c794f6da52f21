#pragma once

#include "core/tensor/tensor_file.h"

namespace driftscope::tensor {

/// Parameters and buffers under their dotted names, module by module, as PyTorch's state_dict() orders them.
NamedTensors stateDict(const torch::nn::Module& module);

/// Takes `prefix` off every name when all names carry it (Lightning writes "model."); otherwise leaves them alone.
void stripPrefix(std::map<std::string, torch::Tensor>& tensors, const std::string& prefix);

/// Copies `tensors` into the module, converting between floating types and between integer types.
/// Errors (BadInput) name the tensor and `origin`: missing, not known to the module, another shape, another kind of
/// number. The module is changed only when everything fits.
Result<void> loadStateDict(torch::nn::Module& module, const std::map<std::string, torch::Tensor>& tensors, const std::string& origin);

}  // namespace driftscope::tensor
