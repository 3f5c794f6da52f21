#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace driftscope::io {

/// One tensor in a safetensors file; `bytes` points into the memory-mapped file.
struct StoredTensor {
    std::string type;  ///< "F32", "F16", "BF16", "F64", "I64", "I32", "U8", "BOOL"
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes;
};

/// A memory-mapped safetensors file. Checked as its format demands: header at most 100 MB, offsets inside the file without
/// holes or overlaps, sizes by checked multiplication, at most 65,536 tensors.
class SafetensorsFile {
  public:
    virtual ~SafetensorsFile() = default;
    static Result<std::shared_ptr<const SafetensorsFile>> open(const std::filesystem::path& path);
    virtual const std::map<std::string, StoredTensor>& tensors() const = 0;
    virtual const std::map<std::string, std::string>& metadata() const = 0;
};

/// A tensor to be written.
struct TensorToStore {
    std::string name;
    std::string type;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes;
};
/// Atomic. Tensors are written in the given order, metadata under "__metadata__".
Result<void> writeSafetensors(const std::filesystem::path& path, const std::vector<TensorToStore>& tensors,
                              const std::map<std::string, std::string>& metadata);

}  // namespace driftscope::io
