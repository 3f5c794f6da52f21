#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/buffer.h"
#include "core/io/number_type.h"

namespace driftscope::io {

/// One step between the bytes of a chunk and its numbers. Stateless, thread-safe.
class ZarrCodec {
  public:
    virtual ~ZarrCodec() = default;
    /// Undoes the codec: `encoded` -> out, which must come to exactly `size` bytes. Errors do not name the chunk; the caller does.
    virtual Result<void> decode(std::span<const std::byte> encoded, std::size_t size, Buffer& out) const = 0;
    /// Decodes only the bytes begin … begin + length - 1 of the `size` decoded ones; false when it cannot.
    virtual bool decodesParts() const { return false; }
    virtual Result<bool> decodePart(std::span<const std::byte> encoded, std::size_t size, std::size_t begin, std::size_t length, Buffer& out) const;
};

/// The codecs of an array, outermost (the compressor) first.
class ZarrPipeline {
  public:
    /// From a v2 array's `compressor` and `filters`. Errors name a codec that is not known here and `place`.
    static Result<ZarrPipeline> fromV2(const nlohmann::json& compressor, const nlohmann::json& filters, NumberType type, const std::string& place);

    /// Chunks are stored as plain numbers: parts can be read straight from the file.
    bool raw() const { return codecs_.empty(); }
    /// Parts of a chunk cost less than the whole.
    bool decodesParts() const { return raw() || (codecs_.size() == 1 && codecs_.front()->decodesParts()); }
    /// Decodes a whole chunk to `size` bytes; `spare` is working space. The result lies in `out`. Not for raw chunks.
    Result<void> decode(std::span<const std::byte> encoded, std::size_t size, Buffer& out, Buffer& spare) const;
    /// As ZarrCodec::decodePart.
    Result<bool> decodePart(std::span<const std::byte> encoded, std::size_t size, std::size_t begin, std::size_t length, Buffer& out) const;

  private:
    std::vector<std::shared_ptr<const ZarrCodec>> codecs_;
};

/// Blosc as iohub sets it: Zstandard level 1 with bit-shuffle. Errors: more than 2 GiB.
Result<std::vector<std::byte>> encodeBlosc(std::span<const std::byte> numbers, std::size_t numberSize);

}  // namespace driftscope::io
