#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/number_type.h"

namespace driftscope::io {

/// An n-dimensional array read as float32, C order.
struct NpyArray {
    std::vector<std::int64_t> shape;
    std::vector<float> values;
};

/// The same in double precision, which keeps indices exact up to 2^53, with the type it was stored as.
struct NpyNumbers {
    std::vector<std::int64_t> shape;
    std::vector<double> values;
    NumberType stored;
};

/// Reads .npy versions 1 to 3: bool, integers, float16/32/64, either byte order, C or Fortran order.
/// Errors: damaged header, object arrays (refused: they would execute code in Python), size that does not fit the file.
Result<NpyArray> readNpy(const std::filesystem::path& path);
/// As readNpy, without loss for integers and float64.
Result<NpyNumbers> readNpyNumbers(const std::filesystem::path& path);
/// The same from bytes in memory; `place` names them in errors.
Result<NpyNumbers> parseNpyNumbers(std::span<const std::byte> bytes, const std::string& place);
/// Writes float32, little-endian, C order, version 1.0; atomic.
Result<void> writeNpy(const std::filesystem::path& path, std::span<const std::int64_t> shape, std::span<const float> values);

/// The bytes of a .npy file, version 1.0, little-endian, C order. Number: float, double, std::int32_t, std::int64_t, std::uint32_t.
template <class Number>
std::string encodeNpy(std::span<const std::int64_t> shape, std::span<const Number> values);

}  // namespace driftscope::io
