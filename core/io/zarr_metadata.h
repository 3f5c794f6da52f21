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

/// One level of sharding (Zarr v3 sharding_indexed): a value of the store holds many chunks and an index of where they are.
struct ShardLevel {
    std::vector<std::int64_t> chunks;      ///< of the level below in one shard, along each axis of the array
    std::vector<std::size_t> axisOf;       ///< axis of the array for each axis of the index, which a transpose may exchange
    ZarrPipeline indexPipeline;
    bool indexBigEndian = false;
    std::size_t indexBytes = 0;            ///< as stored
    bool indexAtEnd = true;
    std::string prefix, separator;         ///< of the keys of the shards
};

/// What is known of a Zarr array, whatever version of the format it came from.
struct ZarrMetadata {
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> chunks;      ///< extent of a chunk along each axis; edge chunks are stored whole
    std::vector<std::size_t> strides;      ///< bytes between neighbours along each axis inside a decoded chunk
    std::size_t chunkBytes = 0;            ///< of a decoded chunk, at most 2 GiB
    NumberType type;
    std::vector<std::byte> fill;           ///< one number as stored: the value of chunks that are absent
    std::string prefix;                    ///< of chunk keys: "c/" in Zarr v3
    std::string separator = ".";           ///< between chunk indices in keys
    std::string scalarKey;                 ///< the only chunk of an array without dimensions, which is seen as one of shape {1}
    ZarrPipeline pipeline;
    std::vector<ShardLevel> shards;        ///< how chunks lie inside shards, outermost first; `chunks` are the innermost

    std::string chunkKey(std::span<const std::int64_t> index) const;
};

/// Checks shape and chunks of numbers of `size` bytes and gives the bytes of a chunk. Arrays without dimensions become {1}.
Result<std::size_t> checkZarrShape(std::vector<std::int64_t>& shape, std::vector<std::int64_t>& chunks, std::size_t size, const std::string& place);
/// One number as stored. JSON null is 0; texts are NaN, Infinity, -Infinity or, in v3, a float's bits as "0x7fc00000".
Result<std::vector<std::byte>> zarrFillBytes(const nlohmann::json& value, NumberType type, const std::string& place);

/// Parses a v2 `.zarray`. Errors name `place` and the field: other versions, string or structured types, unknown codecs,
/// sizes that overflow or contradict each other.
Result<ZarrMetadata> parseZarrV2(const nlohmann::json& zarray, const std::string& place);
/// Parses the `zarr.json` of a v3 array. Errors as above; also chunk grids that are not regular, and shards that are
/// compressed as a whole.
Result<ZarrMetadata> parseZarrV3(const nlohmann::json& document, const std::string& place);

/// The layout of an array of texts as if each were one byte: shape, chunks, keys, shards, and the codecs around `filters`
/// (v2: those after the one that makes bytes of the texts). Type and fill value are left alone.
Result<ZarrMetadata> parseZarrTextV2(const nlohmann::json& zarray, const nlohmann::json& filters, const std::string& place);
Result<ZarrMetadata> parseZarrTextV3(const nlohmann::json& document, const std::string& place);

}  // namespace driftscope::io
