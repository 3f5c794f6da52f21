#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "core/base/error.h"

namespace driftscope::io {

/// An n-dimensional array read as float32, C order.
struct NpyArray {
    std::vector<std::int64_t> shape;
    std::vector<float> values;
};

/// Reads .npy versions 1 to 3: bool, integers, float16/32/64, either byte order, C or Fortran order.
/// Errors: damaged header, object arrays (refused: they would execute code in Python), size that does not fit the file.
Result<NpyArray> readNpy(const std::filesystem::path& path);
/// Writes float32, little-endian, C order, version 1.0; atomic.
Result<void> writeNpy(const std::filesystem::path& path, std::span<const std::int64_t> shape, std::span<const float> values);

}  // namespace driftscope::io
