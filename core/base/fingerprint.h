#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "core/base/error.h"

namespace driftscope {

/// XXH3-64 of the bytes, as 16 hexadecimal digits.
std::string fingerprintBytes(std::span<const std::byte> bytes);

/// Content hash of a file or folder, for provenance: "xxh3:<hex>".
/// A file larger than 64 MiB contributes its size and its first and last 8 MiB ("xxh3-sampled:<hex>"); a folder
/// contributes the sorted relative names and sizes of its files and the content of those up to 64 KiB, so that a plate
/// of terabytes takes seconds. Errors: missing path, unreadable file.
Result<std::string> fingerprintPath(const std::filesystem::path& path);

/// A counter-based random stream (SplitMix64 over seed, stream and index): the same triple gives the same number for
/// any number of threads and any order of calls.
std::uint64_t randomBits(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);
/// Uniform in [0, 1) with 53 bits.
double randomUnit(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);

}  // namespace driftscope
