#include "core/io/zarr_codecs.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/io/json_access.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
using Bytes = std::span<const std::byte>;

/// Damaged or hostile metadata could name thousands.
constexpr std::size_t kMostCodecs = 16;

}  // namespace

DecodedSize ZarrCodec::encodedSize(DecodedSize decoded) const {
    // Compressors may make a chunk larger, but not by much.
    return {2 * decoded.bytes + (1u << 20), false};
}

Result<bool> ZarrCodec::decodePart(Bytes, std::size_t, std::size_t, std::size_t, Buffer&) const {
    return false;
}

tl::unexpected<Error> unknownZarrCodec(const std::string& place, const std::string& id) {
    return fail(ErrorCode::Unsupported, fmt::format("{} uses the codec '{}', which this version does not read.", place, id),
                "Rewrite the array with Blosc, Zstandard, gzip, zlib, bz2, LZ4 or no compression.");
}

std::optional<NumberType> codecType(const json& configuration, const char* field) {
    const std::string text = textMember(configuration, field);
    const auto type = numberTypeFromNumpy(text);
    return type ? type : numberTypeFromName(text);
}

Result<ZarrPipeline> ZarrPipeline::fromV2(const json& compressor, const json& filters, std::optional<NumberType> type, const std::string& place) {
    std::vector<std::shared_ptr<const ZarrCodec>> codecs;  // innermost first
    if (!filters.is_null() && !filters.is_array()) return unknownZarrCodec(place, filters.dump());
    if (filters.size() > kMostCodecs) return unknownZarrCodec(place, "more than 16 filters");
    for (const json& filter : filters) {
        const std::string id = textMember(filter, "id", filter.dump());
        auto checksum = makeZarrCompressor(id);  // checksums and compressors may stand among the filters
        if (!checksum) {
            DS_ASSIGN(checksum, makeZarrFilter(id, filter, type, place));
        }
        if (checksum) codecs.push_back(std::move(checksum));
    }
    if (!compressor.is_null()) {
        const std::string id = textMember(compressor, "id", compressor.dump());
        auto codec = makeZarrCompressor(id);
        if (!codec) return unknownZarrCodec(place, id);
        codecs.push_back(std::move(codec));
    }
    std::reverse(codecs.begin(), codecs.end());
    return ZarrPipeline(std::move(codecs));
}

std::uint64_t ZarrPipeline::largestEncoded(std::size_t size) const {
    DecodedSize stage{size};
    for (std::size_t i = codecs_.size(); i-- > 0;) stage = codecs_[i]->encodedSize(stage);
    return stage.bytes;
}

Result<void> ZarrPipeline::decode(Bytes encoded, DecodedSize size, Buffer& out, Buffer& spare) const {
    if (codecs_.size() == 1) return codecs_.front()->decode(encoded, size, out);
    std::array<DecodedSize, kMostCodecs + 2> sizes;  // of what each codec gives
    for (std::size_t i = codecs_.size(); i-- > 0; size = codecs_[i]->encodedSize(size)) sizes[i] = size;
    DS_TRY(codecs_.front()->decode(encoded, sizes[0], out));
    for (std::size_t i = 1; i < codecs_.size(); ++i) {
        DS_TRY(codecs_[i]->decode(out.bytes(), sizes[i], spare));
        std::swap(out, spare);
    }
    return {};
}

Result<bool> ZarrPipeline::decodePart(Bytes encoded, std::size_t size, std::size_t begin, std::size_t length, Buffer& out) const {
    if (codecs_.size() != 1) return false;
    return codecs_.front()->decodePart(encoded, size, begin, length, out);
}

}  // namespace driftscope::io
