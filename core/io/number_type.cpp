#include "core/io/number_type.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace driftscope::io {
namespace {

static_assert(std::endian::native == std::endian::little, "files are read on little-endian machines");

struct Row {
    NumberKind kind;
    const char* name;
    char letter;
    std::size_t size;
};

constexpr std::array<Row, 12> kRows{{{NumberKind::Bool, "bool", 'b', 1},
                                     {NumberKind::Int8, "int8", 'i', 1},
                                     {NumberKind::Int16, "int16", 'i', 2},
                                     {NumberKind::Int32, "int32", 'i', 4},
                                     {NumberKind::Int64, "int64", 'i', 8},
                                     {NumberKind::UInt8, "uint8", 'u', 1},
                                     {NumberKind::UInt16, "uint16", 'u', 2},
                                     {NumberKind::UInt32, "uint32", 'u', 4},
                                     {NumberKind::UInt64, "uint64", 'u', 8},
                                     {NumberKind::Float16, "float16", 'f', 2},
                                     {NumberKind::Float32, "float32", 'f', 4},
                                     {NumberKind::Float64, "float64", 'f', 8}}};

const Row& row(NumberKind kind) {
    return kRows[static_cast<std::size_t>(kind)];
}

/// A half-precision number, only to be told apart from uint16_t in templates.
struct Half {
    std::uint16_t bits;
};

float halfToFloat(Half half) {
    const std::uint32_t sign = static_cast<std::uint32_t>(half.bits & 0x8000u) << 16;
    const std::uint32_t exponent = (half.bits >> 10) & 0x1Fu;
    const std::uint32_t mantissa = half.bits & 0x3FFu;
    if (exponent == 0) {
        const float value = std::ldexp(static_cast<float>(mantissa), -24);
        return sign ? -value : value;
    }
    const std::uint32_t widened = exponent == 31 ? 0x7F800000u : (exponent + 112) << 23;
    return std::bit_cast<float>(sign | widened | (mantissa << 13));
}

template <class To, class From>
To converted(From value) {
    if constexpr (std::is_same_v<From, Half>)
        return static_cast<To>(halfToFloat(value));
    else if constexpr (std::is_same_v<From, bool>)
        return value ? To{1} : To{0};
    else
        return static_cast<To>(value);
}

template <class T, bool Swap>
T load(const std::byte* from) {
    std::array<std::byte, sizeof(T)> bytes;
    std::memcpy(bytes.data(), from, sizeof(T));
    if constexpr (Swap) std::reverse(bytes.begin(), bytes.end());
    if constexpr (std::is_same_v<T, bool>)
        return bytes[0] != std::byte{0};
    else
        return std::bit_cast<T>(bytes);
}

template <class Function>
void visitKind(NumberKind kind, Function&& function) {
    switch (kind) {
        case NumberKind::Bool: return function(bool{});
        case NumberKind::Int8: return function(std::int8_t{});
        case NumberKind::Int16: return function(std::int16_t{});
        case NumberKind::Int32: return function(std::int32_t{});
        case NumberKind::Int64: return function(std::int64_t{});
        case NumberKind::UInt8: return function(std::uint8_t{});
        case NumberKind::UInt16: return function(std::uint16_t{});
        case NumberKind::UInt32: return function(std::uint32_t{});
        case NumberKind::UInt64: return function(std::uint64_t{});
        case NumberKind::Float16: return function(Half{});
        case NumberKind::Float32: return function(float{});
        case NumberKind::Float64: return function(double{});
    }
}

template <class To>
void convertAll(const std::byte* from, NumberType type, std::span<To> out) {
    visitKind(type.kind, [&](auto tag) {
        using From = decltype(tag);
        if (type.bigEndian && sizeof(From) > 1)
            for (std::size_t i = 0; i < out.size(); ++i) out[i] = converted<To>(load<From, true>(from + i * sizeof(From)));
        else
            for (std::size_t i = 0; i < out.size(); ++i) out[i] = converted<To>(load<From, false>(from + i * sizeof(From)));
    });
}

}  // namespace

std::size_t NumberType::size() const {
    return row(kind).size;
}

std::string NumberType::name() const {
    return row(kind).name;
}

bool NumberType::isInteger() const {
    return row(kind).letter != 'f';
}

bool NumberType::isSigned() const {
    return row(kind).letter == 'i' || row(kind).letter == 'f';
}

std::optional<NumberType> numberTypeFromNumpy(std::string_view text) {
    if (text.size() != 3 || (text[0] != '<' && text[0] != '>' && text[0] != '|' && text[0] != '=')) return std::nullopt;
    for (const Row& candidate : kRows)
        if (text[1] == candidate.letter && text[2] == static_cast<char>('0' + candidate.size))
            return NumberType{candidate.kind, text[0] == '>' && candidate.size > 1};
    return std::nullopt;
}

std::string numpyName(NumberType type) {
    const char order = type.size() == 1 ? '|' : type.bigEndian ? '>' : '<';
    return {order, row(type.kind).letter, static_cast<char>('0' + type.size())};
}

std::optional<NumberType> numberTypeFromName(std::string_view name) {
    for (const Row& candidate : kRows)
        if (name == candidate.name) return NumberType{candidate.kind, false};
    return std::nullopt;
}

void toFloats(const std::byte* from, NumberType type, std::span<float> out) {
    convertAll(from, type, out);
}

void toDoubles(const std::byte* from, NumberType type, std::span<double> out) {
    convertAll(from, type, out);
}

std::optional<std::size_t> toLabels(const std::byte* from, NumberType type, std::span<std::uint32_t> out) {
    const bool fits = !type.isSigned() && type.kind != NumberKind::UInt64;
    if (fits) {
        convertAll(from, type, out);
        return std::nullopt;
    }
    // Signed, 64-bit and floating labels occur in the wild; each value is checked. Doubles hold all valid ones exactly,
    // and rounding of larger integers stays above the limit.
    std::array<double, 256> block;
    for (std::size_t done = 0; done < out.size(); done += block.size()) {
        const std::size_t count = std::min(block.size(), out.size() - done);
        convertAll(from + done * type.size(), type, std::span<double>(block.data(), count));
        for (std::size_t i = 0; i < count; ++i) {
            if (!(block[i] >= 0 && block[i] <= 4294967295.0) || block[i] != std::floor(block[i])) return done + i;
            out[done + i] = static_cast<std::uint32_t>(block[i]);
        }
    }
    return std::nullopt;
}

std::optional<std::size_t> toIntegers(const std::byte* from, NumberType type, std::span<std::int64_t> out) {
    if (type.isInteger()) {
        convertAll(from, type, out);
        if (type.kind == NumberKind::UInt64)
            for (std::size_t i = 0; i < out.size(); ++i)
                if (out[i] < 0) return i;
        return std::nullopt;
    }
    std::array<double, 256> block;
    for (std::size_t done = 0; done < out.size(); done += block.size()) {
        const std::size_t count = std::min(block.size(), out.size() - done);
        convertAll(from + done * type.size(), type, std::span<double>(block.data(), count));
        for (std::size_t i = 0; i < count; ++i) {
            if (!(std::abs(block[i]) < 0x1p63) || block[i] != std::floor(block[i])) return done + i;
            out[done + i] = static_cast<std::int64_t>(block[i]);
        }
    }
    return std::nullopt;
}

void swapBytes(std::byte* numbers, std::size_t count, std::size_t size) {
    if (size > 1)
        for (std::size_t i = 0; i < count; ++i) std::reverse(numbers + i * size, numbers + (i + 1) * size);
}

}  // namespace driftscope::io
