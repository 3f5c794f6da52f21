#include "core/io/zarr_codecs.h"

#include <blosc.h>
#include <lz4.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "core/io/json_access.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
using Bytes = std::span<const std::byte>;

tl::unexpected<Error> damaged(const std::string& what) {
    return fail(ErrorCode::BadInput, what, "The chunk is damaged: copy it again from the original.");
}

Result<void> expectSize(std::size_t decoded, std::size_t wanted) {
    if (decoded != wanted) return damaged(fmt::format("it decodes to {} bytes, not the {} of a chunk", decoded, wanted));
    return {};
}

class BloscCodec final : public ZarrCodec {
  public:
    Result<void> decode(Bytes encoded, std::size_t size, Buffer& out) const override {
        DS_TRY(check(encoded, size));
        const int count = blosc_decompress_ctx(encoded.data(), out.prepare(size).data(), size, 1);
        if (count < 0) return damaged("its Blosc data are damaged");
        return expectSize(static_cast<std::size_t>(count), size);
    }

    bool decodesParts() const override { return true; }
    Result<bool> decodePart(Bytes encoded, std::size_t size, std::size_t begin, std::size_t length, Buffer& out) const override {
        DS_TRY(check(encoded, size));
        std::size_t item = 0;
        int flags = 0;
        blosc_cbuffer_metainfo(encoded.data(), &item, &flags);
        if (item == 0 || begin % item != 0 || length % item != 0) return false;
        const int count = blosc_getitem(encoded.data(), static_cast<int>(begin / item), static_cast<int>(length / item), out.prepare(length).data());
        if (count < 0 || static_cast<std::size_t>(count) != length) return damaged("its Blosc data are damaged");
        return true;
    }

  private:
    static Result<void> check(Bytes encoded, std::size_t size) {
        std::size_t decoded = 0;
        if (encoded.size() < BLOSC_MIN_HEADER_LENGTH || blosc_cbuffer_validate(encoded.data(), encoded.size(), &decoded) < 0)
            return damaged("its Blosc header is damaged");
        return expectSize(decoded, size);
    }
};

class ZstdCodec final : public ZarrCodec {
  public:
    Result<void> decode(Bytes encoded, std::size_t size, Buffer& out) const override {
        const std::size_t count = ZSTD_decompress(out.prepare(size).data(), size, encoded.data(), encoded.size());
        if (ZSTD_isError(count)) return damaged(fmt::format("its Zstandard data are damaged ({})", ZSTD_getErrorName(count)));
        return expectSize(count, size);
    }
};

/// zlib and gzip; both headers are recognised.
class DeflateCodec final : public ZarrCodec {
  public:
    Result<void> decode(Bytes encoded, std::size_t size, Buffer& out) const override {
        z_stream stream{};
        if (encoded.size() > UINT32_MAX || size > UINT32_MAX) return damaged("it is larger than 4 GiB");
        if (inflateInit2(&stream, 15 + 32) != Z_OK) return fail(ErrorCode::Internal, "zlib could not be started.");
        const auto target = out.prepare(size);
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(encoded.data()));
        stream.avail_in = static_cast<uInt>(encoded.size());
        stream.next_out = reinterpret_cast<Bytef*>(target.data());
        stream.avail_out = static_cast<uInt>(size);
        int status = inflate(&stream, Z_FINISH);
        while (status == Z_STREAM_END && stream.avail_in > 0 && stream.avail_out > 0) {  // concatenated gzip members
            inflateReset(&stream);
            status = inflate(&stream, Z_FINISH);
        }
        const std::size_t left = stream.avail_out;
        inflateEnd(&stream);
        if (status != Z_STREAM_END) return damaged("its zlib data are damaged or do not fit a chunk");
        return expectSize(size - left, size);
    }
};

/// numcodecs' LZ4: the decoded size in four bytes, then one block.
class Lz4Codec final : public ZarrCodec {
  public:
    Result<void> decode(Bytes encoded, std::size_t size, Buffer& out) const override {
        std::uint32_t stated = 0;
        if (encoded.size() < sizeof stated || encoded.size() > INT32_MAX) return damaged("its LZ4 header is cut off");
        std::memcpy(&stated, encoded.data(), sizeof stated);
        DS_TRY(expectSize(stated, size));
        const Bytes block = encoded.subspan(sizeof stated);
        const int count = LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()), reinterpret_cast<char*>(out.prepare(size).data()),
                                              static_cast<int>(block.size()), static_cast<int>(size));
        if (count < 0) return damaged("its LZ4 data are damaged");
        return expectSize(static_cast<std::size_t>(count), size);
    }
};

/// Bytes of equal significance were stored together.
class ShuffleCodec final : public ZarrCodec {
  public:
    explicit ShuffleCodec(std::size_t element) : element_(element) {}
    Result<void> decode(Bytes encoded, std::size_t size, Buffer& out) const override {
        DS_TRY(expectSize(encoded.size(), size));
        const auto target = out.prepare(size);
        const std::size_t count = size / element_;
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t byte = 0; byte < element_; ++byte) target[i * element_ + byte] = encoded[byte * count + i];
        std::copy(encoded.begin() + static_cast<std::ptrdiff_t>(count * element_), encoded.end(), target.begin() + static_cast<std::ptrdiff_t>(count * element_));
        return {};
    }

  private:
    std::size_t element_;
};

/// Differences of neighbouring integers were stored; sums wrap as NumPy's do.
class DeltaCodec final : public ZarrCodec {
  public:
    explicit DeltaCodec(NumberType type) : type_(type) {}
    Result<void> decode(Bytes encoded, std::size_t size, Buffer& out) const override {
        DS_TRY(expectSize(encoded.size(), size));
        const auto target = out.prepare(size);
        switch (type_.size()) {
            case 1: accumulate<std::uint8_t>(encoded, target); break;
            case 2: accumulate<std::uint16_t>(encoded, target); break;
            case 4: accumulate<std::uint32_t>(encoded, target); break;
            default: accumulate<std::uint64_t>(encoded, target); break;
        }
        return {};
    }

  private:
    template <class T>
    void accumulate(Bytes from, std::span<std::byte> to) const {
        T sum = 0;
        std::array<std::byte, sizeof(T)> number;
        for (std::size_t at = 0; at + sizeof(T) <= from.size(); at += sizeof(T)) {
            std::memcpy(number.data(), from.data() + at, sizeof(T));
            if (type_.bigEndian) swapBytes(number.data(), 1, sizeof(T));
            T difference = 0;
            std::memcpy(&difference, number.data(), sizeof(T));
            sum = static_cast<T>(sum + difference);
            std::memcpy(number.data(), &sum, sizeof(T));
            if (type_.bigEndian) swapBytes(number.data(), 1, sizeof(T));
            std::memcpy(to.data() + at, number.data(), sizeof(T));
        }
    }

    NumberType type_;
};

tl::unexpected<Error> unknownCodec(const std::string& place, const json& codec, const char* role) {
    return fail(ErrorCode::Unsupported, fmt::format("{} uses the {} '{}', which this version does not read.", place, role, textMember(codec, "id", codec.dump())),
                "Rewrite the array with Blosc, Zstandard, gzip, zlib, LZ4 or no compression.");
}

Result<std::shared_ptr<const ZarrCodec>> makeCompressor(const json& codec, const std::string& place) {
    const std::string id = textMember(codec, "id");
    if (id == "blosc") return std::make_shared<const BloscCodec>();
    if (id == "zstd") return std::make_shared<const ZstdCodec>();
    if (id == "gzip" || id == "zlib") return std::make_shared<const DeflateCodec>();
    if (id == "lz4") return std::make_shared<const Lz4Codec>();
    return unknownCodec(place, codec, "compressor");
}

/// Null for filters that need no undoing.
Result<std::shared_ptr<const ZarrCodec>> makeFilter(const json& codec, NumberType type, const std::string& place) {
    const std::string id = textMember(codec, "id");
    if (id == "bitround") return nullptr;
    if (id == "shuffle") {
        const double element = numberMember(codec, "elementsize", 4);
        if (!(element >= 1 && element <= 256)) return unknownCodec(place, codec, "filter");
        return std::make_shared<const ShuffleCodec>(static_cast<std::size_t>(element));
    }
    if (id == "delta" && type.isInteger()) {
        const std::string stored = textMember(codec, "astype", textMember(codec, "dtype"));
        if (textMember(codec, "dtype") == numpyName(type) && stored == numpyName(type)) return std::make_shared<const DeltaCodec>(type);
    }
    return unknownCodec(place, codec, "filter");
}

}  // namespace

Result<bool> ZarrCodec::decodePart(Bytes, std::size_t, std::size_t, std::size_t, Buffer&) const {
    return false;
}

Result<ZarrPipeline> ZarrPipeline::fromV2(const json& compressor, const json& filters, NumberType type, const std::string& place) {
    ZarrPipeline pipeline;
    if (!compressor.is_null()) {
        DS_ASSIGN(auto codec, makeCompressor(compressor, place));
        pipeline.codecs_.push_back(std::move(codec));
    }
    if (!filters.is_null() && !filters.is_array()) return unknownCodec(place, filters, "filter");
    for (std::size_t i = filters.size(); i-- > 0;) {
        DS_ASSIGN(auto codec, makeFilter(filters[i], type, place));
        if (codec) pipeline.codecs_.push_back(std::move(codec));
    }
    return pipeline;
}

Result<void> ZarrPipeline::decode(Bytes encoded, std::size_t size, Buffer& out, Buffer& spare) const {
    DS_TRY(codecs_.front()->decode(encoded, size, out));
    for (std::size_t i = 1; i < codecs_.size(); ++i) {
        DS_TRY(codecs_[i]->decode(out.bytes(), size, spare));
        std::swap(out, spare);
    }
    return {};
}

Result<bool> ZarrPipeline::decodePart(Bytes encoded, std::size_t size, std::size_t begin, std::size_t length, Buffer& out) const {
    if (codecs_.size() != 1) return false;
    return codecs_.front()->decodePart(encoded, size, begin, length, out);
}

Result<std::vector<std::byte>> encodeBlosc(Bytes numbers, std::size_t numberSize) {
    if (numbers.size() > BLOSC_MAX_BUFFERSIZE) return fail(ErrorCode::Unsupported, fmt::format("A chunk of {} bytes is more than Blosc takes.", numbers.size()));
    std::vector<std::byte> out(numbers.size() + BLOSC_MAX_OVERHEAD);
    const int count = blosc_compress_ctx(1, BLOSC_BITSHUFFLE, numberSize, numbers.size(), numbers.data(), out.data(), out.size(), BLOSC_ZSTD_COMPNAME, 0, 1);
    if (count <= 0) return fail(ErrorCode::Internal, "Blosc could not compress a chunk.");
    out.resize(static_cast<std::size_t>(count));
    return out;
}

}  // namespace driftscope::io
