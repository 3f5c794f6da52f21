#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace driftscope::tensor {

/// Tensors by name, in the order they are written to a file.
using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

/// What a safetensors file holds, on the CPU, independent of the file.
struct TensorFile {
    std::map<std::string, torch::Tensor> tensors;
    std::map<std::string, std::string> metadata;
};

/// Reads a safetensors file. Errors: those of io::SafetensorsFile, and a type LibTorch has no name for.
Result<TensorFile> readTensors(const std::filesystem::path& path);

/// Writes contiguous CPU copies of the tensors, atomically. Errors: a type safetensors has no name for, unwritable file.
Result<void> writeTensors(const std::filesystem::path& path, const NamedTensors& tensors, const std::map<std::string, std::string>& metadata = {});

}  // namespace driftscope::tensor
