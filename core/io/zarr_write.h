#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/number_type.h"

namespace driftscope::io {

/// Makes a Zarr v2 group with these attributes.
Result<void> writeZarrGroup(const std::filesystem::path& folder, const nlohmann::json& attributes = nlohmann::json::object());

/// Writes a whole Zarr v2 array of numbers given in C order and native byte order: Blosc (Zstandard, bit-shuffle), chunks of whole
/// rows of at most 16 MiB, '.' separator. An empty shape gives a scalar. Errors: unwritable folder.
Result<void> writeZarrNumbers(const std::filesystem::path& folder, const std::vector<std::int64_t>& shape, NumberType type, std::span<const std::byte> values,
                              const nlohmann::json& attributes = nlohmann::json::object());

/// Writes texts as Zarr v2 objects with the filter vlen-utf8. An empty shape gives a scalar.
Result<void> writeZarrTexts(const std::filesystem::path& folder, const std::vector<std::int64_t>& shape, const std::vector<std::string>& values,
                            const nlohmann::json& attributes = nlohmann::json::object());

template <class T>
constexpr NumberKind numberKindOf() {
    if constexpr (std::is_same_v<T, float>) return NumberKind::Float32;
    if constexpr (std::is_same_v<T, double>) return NumberKind::Float64;
    if constexpr (std::is_same_v<T, std::int64_t>) return NumberKind::Int64;
    if constexpr (std::is_same_v<T, std::uint64_t>) return NumberKind::UInt64;
    if constexpr (std::is_same_v<T, std::int32_t>) return NumberKind::Int32;
    if constexpr (std::is_same_v<T, std::int16_t>) return NumberKind::Int16;
    if constexpr (std::is_same_v<T, std::int8_t>) return NumberKind::Int8;
}

template <class T>
Result<void> writeZarrNumbers(const std::filesystem::path& folder, const std::vector<std::int64_t>& shape, const std::vector<T>& values,
                              const nlohmann::json& attributes = nlohmann::json::object()) {
    return writeZarrNumbers(folder, shape, NumberType{numberKindOf<T>()}, std::as_bytes(std::span(values)), attributes);
}

}  // namespace driftscope::io
