#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace driftscope::io {

/// The numbers stored in array files.
enum class NumberKind { Bool, Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64, Float16, Float32, Float64 };

/// A number type with its byte order on disk.
struct NumberType {
    NumberKind kind = NumberKind::Float32;
    bool bigEndian = false;

    std::size_t size() const;   ///< bytes of one number
    std::string name() const;   ///< "uint16", "float32", as NumPy says it
    bool isInteger() const;     ///< integers and bool
    bool isSigned() const;      ///< signed integers and floats
    bool operator==(const NumberType&) const = default;
};

/// Parses NumPy's array-protocol type ("<u2", "|b1", ">f4"); nothing for strings, objects, complex and structured types.
std::optional<NumberType> numberTypeFromNumpy(std::string_view text);
/// The inverse: "<u2".
std::string numpyName(NumberType type);
/// Parses "uint16", "float32" (native little-endian).
std::optional<NumberType> numberTypeFromName(std::string_view name);

/// Converts consecutive numbers of `type` at `from` (out.size() of them, any alignment) to float.
void toFloats(const std::byte* from, NumberType type, std::span<float> out);
/// As toFloats, in double precision.
void toDoubles(const std::byte* from, NumberType type, std::span<double> out);
/// Converts integers to 32-bit labels. Returns the index of the first value that is not a whole number in
/// 0 … 2^32 - 1, or nothing when all are.
std::optional<std::size_t> toLabels(const std::byte* from, NumberType type, std::span<std::uint32_t> out);
/// Converts whole numbers to 64-bit integers. Returns the index of the first value that is not whole or does not fit.
std::optional<std::size_t> toIntegers(const std::byte* from, NumberType type, std::span<std::int64_t> out);
/// Reverses the bytes of each of `count` numbers of `size` bytes in place.
void swapBytes(std::byte* numbers, std::size_t count, std::size_t size);

}  // namespace driftscope::io
