#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>

namespace driftscope::io {

/// a * b, or nothing when it does not fit 64 bits: sizes in files are never trusted.
inline std::optional<std::uint64_t> checkedProduct(std::uint64_t a, std::uint64_t b) {
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
    return product;
}

/// Product of all extents times `size`; nothing when an extent is negative or the product does not fit 63 bits.
inline std::optional<std::uint64_t> checkedBytes(std::span<const std::int64_t> shape, std::uint64_t size) {
    std::uint64_t total = size;
    bool empty = false;
    for (const std::int64_t extent : shape) {
        if (extent < 0) return std::nullopt;
        if (extent == 0) {
            empty = true;
            continue;
        }
        const auto product = checkedProduct(total, static_cast<std::uint64_t>(extent));
        if (!product || *product > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
        total = *product;
    }
    return empty ? 0 : total;
}

}  // namespace driftscope::io
