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

/// How many bytes a codec decodes to: exactly `bytes`, or at most that many when only a later codec knows.
struct DecodedSize {
    std::size_t bytes = 0;
    bool exact = true;
};

/// One step between the bytes of a chunk and its numbers. Stateless, thread-safe.
class ZarrCodec {
  public:
    virtual ~ZarrCodec() = default;
    /// Undoes the codec: `encoded` -> out, which comes to `size`. Errors do not name the chunk; the caller does.
    virtual Result<void> decode(std::span<const std::byte> encoded, DecodedSize size, Buffer& out) const = 0;
    /// The size of what decode() takes when it gives `decoded`: unknown but bounded for compressors.
    virtual DecodedSize encodedSize(DecodedSize decoded) const;
    /// Decodes only the bytes begin … begin + length - 1 of the `size` decoded ones; false when it cannot.
    virtual bool decodesParts() const { return false; }
    virtual Result<bool> decodePart(std::span<const std::byte> encoded, std::size_t size, std::size_t begin, std::size_t length, Buffer& out) const;
};

/// The codecs of an array, outermost (the last to be applied when writing) first.
class ZarrPipeline {
  public:
    ZarrPipeline() = default;
    explicit ZarrPipeline(std::vector<std::shared_ptr<const ZarrCodec>> codecs) : codecs_(std::move(codecs)) {}

    /// From a v2 array's `compressor` and `filters`; `type` is that of the decoded numbers, nothing for texts.
    /// Errors name a codec that is not known here and `place`.
    static Result<ZarrPipeline> fromV2(const nlohmann::json& compressor, const nlohmann::json& filters, std::optional<NumberType> type, const std::string& place);

    /// Chunks are stored as plain numbers: parts can be read straight from the file.
    bool raw() const { return codecs_.empty(); }
    /// Parts of a chunk cost less than the whole.
    bool decodesParts() const { return raw() || (codecs_.size() == 1 && codecs_.front()->decodesParts()); }
    /// The most bytes that a chunk of `size` may have as stored.
    std::uint64_t largestEncoded(std::size_t size) const;
    /// Decodes a whole chunk; `spare` is working space. The result lies in `out`. Not for raw chunks.
    Result<void> decode(std::span<const std::byte> encoded, DecodedSize size, Buffer& out, Buffer& spare) const;
    /// As ZarrCodec::decodePart.
    Result<bool> decodePart(std::span<const std::byte> encoded, std::size_t size, std::size_t begin, std::size_t length, Buffer& out) const;

  private:
    std::vector<std::shared_ptr<const ZarrCodec>> codecs_;
};

/// "uint16" or "<u2", as codec configurations name types.
std::optional<NumberType> codecType(const nlohmann::json& configuration, const char* field);

/// The filter of a v2 array or of Zarr v3's numcodecs.* with this id; null for those that need no undoing. `type` is that of
/// the numbers it decodes to and becomes that of the numbers it was given by outer codecs. Errors name the codec and `place`.
Result<std::shared_ptr<const ZarrCodec>> makeZarrFilter(const std::string& id, const nlohmann::json& configuration, std::optional<NumberType>& type, const std::string& place);
/// The compressor or checksum with this id; null when there is none.
std::shared_ptr<const ZarrCodec> makeZarrCompressor(const std::string& id);
/// Undoes an exchange of axes: `extents` of the array before it, `order` as Zarr v3's transpose gives it, `size` bytes each.
std::shared_ptr<const ZarrCodec> makeZarrTranspose(std::vector<std::int64_t> extents, std::vector<std::size_t> order, std::size_t size);
/// "uses the codec 'x', which this version does not read".
tl::unexpected<Error> unknownZarrCodec(const std::string& place, const std::string& id);

/// The checksum of Zarr v3's shard indexes and `crc32c` codec (Castagnoli polynomial).
std::uint32_t crc32c(std::span<const std::byte> bytes);

/// Blosc as iohub sets it: Zstandard level 1 with bit-shuffle. Errors: more than 2 GiB.
Result<std::vector<std::byte>> encodeBlosc(std::span<const std::byte> numbers, std::size_t numberSize);

}  // namespace driftscope::io
