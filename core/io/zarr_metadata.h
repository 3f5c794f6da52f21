#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/number_type.h"
#include "core/io/zarr_codecs.h"

namespace driftscope::io {

/// What is known of a Zarr array, whatever version of the format it came from.
struct ZarrMetadata {
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> chunks;      ///< extent of a chunk along each axis; edge chunks are stored whole
    std::vector<std::size_t> strides;      ///< bytes between neighbours along each axis inside a decoded chunk
    std::size_t chunkBytes = 0;            ///< of a decoded chunk, at most 2 GiB
    NumberType type;
    std::vector<std::byte> fill;           ///< one number as stored: the value of chunks that are absent
    std::string separator = ".";           ///< between chunk indices in keys
    ZarrPipeline pipeline;

    std::string chunkKey(std::span<const std::int64_t> index) const;
};

/// Parses a v2 `.zarray`. Errors name `place` and the field: other versions, string or structured types, unknown codecs,
/// sizes that overflow or contradict each other.
Result<ZarrMetadata> parseZarrV2(const nlohmann::json& zarray, const std::string& place);

}  // namespace driftscope::io
