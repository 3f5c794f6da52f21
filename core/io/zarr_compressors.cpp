#include <blosc.h>
#include <bzlib.h>
#include <lz4.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cstring>

#include "core/io/zarr_codecs.h"

namespace driftscope::io {
namespace {

using Bytes = std::span<const std::byte>;

tl::unexpected<Error> damaged(const std::string& what) {
    return fail(ErrorCode::BadInput, what, "The chunk is damaged: copy it again from the original.");
}

/// Ends a decoding of `decoded` bytes: they are all of `wanted`, or `out` is cut to them.
Result<void> settle(std::size_t decoded, DecodedSize wanted, Buffer& out) {
    if (wanted.exact && decoded != wanted.bytes) return damaged(fmt::format("it decodes to {} bytes, not the {} of a chunk", decoded, wanted.bytes));
    if (decoded > wanted.bytes) return damaged(fmt::format("it decodes to {} bytes, more than a chunk may have", decoded));
    out.shrink(decoded);
    return {};
}

class BloscCodec final : public ZarrCodec {
  public:
    Result<void> decode(Bytes encoded, DecodedSize size, Buffer& out) const override {
        DS_ASSIGN(const std::size_t stated, check(encoded, size));
        const int count = blosc_decompress_ctx(encoded.data(), out.prepare(stated).data(), stated, 1);
        if (count < 0) return damaged("its Blosc data are damaged");
        return settle(static_cast<std::size_t>(count), size, out);
    }

    bool decodesParts() const override { return true; }
    Result<bool> decodePart(Bytes encoded, std::size_t size, std::size_t begin, std::size_t length, Buffer& out) const override {
        DS_TRY(check(encoded, {size}));
        std::size_t item = 0;
        int flags = 0;
        blosc_cbuffer_metainfo(encoded.data(), &item, &flags);
        if (item == 0 || begin % item != 0 || length % item != 0) return false;
        const int count = blosc_getitem(encoded.data(), static_cast<int>(begin / item), static_cast<int>(length / item), out.prepare(length).data());
        if (count < 0 || static_cast<std::size_t>(count) != length) return damaged("its Blosc data are damaged");
        return true;
    }

  private:
    static Result<std::size_t> check(Bytes encoded, DecodedSize size) {
        std::size_t decoded = 0;
        if (encoded.size() < BLOSC_MIN_HEADER_LENGTH || blosc_cbuffer_validate(encoded.data(), encoded.size(), &decoded) < 0)
            return damaged("its Blosc header is damaged");
        if (decoded > size.bytes || (size.exact && decoded != size.bytes))
            return damaged(fmt::format("it decodes to {} bytes, not the {} of a chunk", decoded, size.bytes));
        return decoded;
    }
};

class ZstdCodec final : public ZarrCodec {
  public:
    Result<void> decode(Bytes encoded, DecodedSize size, Buffer& out) const override {
        const std::size_t count = ZSTD_decompress(out.prepare(size.bytes).data(), size.bytes, encoded.data(), encoded.size());
        if (ZSTD_isError(count)) return damaged(fmt::format("its Zstandard data are damaged ({})", ZSTD_getErrorName(count)));
        return settle(count, size, out);
    }
};

/// zlib and gzip; both headers are recognised.
class DeflateCodec final : public ZarrCodec {
  public:
    Result<void> decode(Bytes encoded, DecodedSize size, Buffer& out) const override {
        z_stream stream{};
        if (encoded.size() > UINT32_MAX || size.bytes > UINT32_MAX) return damaged("it is larger than 4 GiB");
        if (inflateInit2(&stream, 15 + 32) != Z_OK) return fail(ErrorCode::Internal, "zlib could not be started.");
        const auto target = out.prepare(size.bytes);
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(encoded.data()));
        stream.avail_in = static_cast<uInt>(encoded.size());
        stream.next_out = reinterpret_cast<Bytef*>(target.data());
        stream.avail_out = static_cast<uInt>(size.bytes);
        int status = inflate(&stream, Z_FINISH);
        while (status == Z_STREAM_END && stream.avail_in > 0 && stream.avail_out > 0) {  // concatenated gzip members
            inflateReset(&stream);
            status = inflate(&stream, Z_FINISH);
        }
        const std::size_t left = stream.avail_out;
        inflateEnd(&stream);
        if (status != Z_STREAM_END) return damaged("its zlib data are damaged or do not fit a chunk");
        return settle(size.bytes - left, size, out);
    }
};

class Bz2Codec final : public ZarrCodec {
  public:
    Result<void> decode(Bytes encoded, DecodedSize size, Buffer& out) const override {
        if (encoded.size() > UINT32_MAX || size.bytes > UINT32_MAX) return damaged("it is larger than 4 GiB");
        auto count = static_cast<unsigned>(size.bytes);
        const auto target = out.prepare(size.bytes);
        const int status = BZ2_bzBuffToBuffDecompress(reinterpret_cast<char*>(target.data()), &count, reinterpret_cast<char*>(const_cast<std::byte*>(encoded.data())),
                                                      static_cast<unsigned>(encoded.size()), 0, 0);
        if (status != BZ_OK) return damaged("its bz2 data are damaged or do not fit a chunk");
        return settle(count, size, out);
    }
};

/// numcodecs' LZ4: the decoded size in four bytes, then one block.
class Lz4Codec final : public ZarrCodec {
  public:
    Result<void> decode(Bytes encoded, DecodedSize size, Buffer& out) const override {
        std::uint32_t stated = 0;
        if (encoded.size() < sizeof stated || encoded.size() > INT32_MAX) return damaged("its LZ4 header is cut off");
        std::memcpy(&stated, encoded.data(), sizeof stated);
        if (stated > size.bytes || stated > INT32_MAX || (size.exact && stated != size.bytes))
            return damaged(fmt::format("it decodes to {} bytes, not the {} of a chunk", stated, size.bytes));
        const Bytes block = encoded.subspan(sizeof stated);
        const int count = LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()), reinterpret_cast<char*>(out.prepare(stated).data()),
                                              static_cast<int>(block.size()), static_cast<int>(stated));
        if (count < 0 || static_cast<std::uint32_t>(count) != stated) return damaged("its LZ4 data are damaged");
        return {};
    }
};

std::uint32_t zlibCrc32(Bytes bytes) {
    return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::uint32_t zlibAdler32(Bytes bytes) {
    return static_cast<std::uint32_t>(::adler32_z(1, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

/// HDF5's Fletcher checksum over big-endian 16-bit words, an odd last byte as the upper half of one.
std::uint32_t fletcher32(Bytes bytes) {
    const auto folded = [](std::uint32_t sum) { return (sum & 0xFFFFu) + (sum >> 16); };
    std::uint32_t first = 0, second = 0;
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        const auto high = std::to_integer<std::uint32_t>(bytes[i]) << 8;
        first = folded(first + (high | (i + 1 < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i + 1]) : 0)));
        second = folded(second + first);
    }
    return second << 16 | first;
}

/// Four bytes of checksum before or after the data.
class ChecksumCodec final : public ZarrCodec {
  public:
    using Function = std::uint32_t (*)(Bytes);
    ChecksumCodec(const char* name, Function function, bool before) : name_(name), function_(function), before_(before) {}

    DecodedSize encodedSize(DecodedSize decoded) const override { return {decoded.bytes + 4, decoded.exact}; }
    Result<void> decode(Bytes encoded, DecodedSize size, Buffer& out) const override {
        if (encoded.size() < 4) return damaged(fmt::format("its {} checksum is cut off", name_));
        const Bytes data = before_ ? encoded.subspan(4) : encoded.first(encoded.size() - 4);
        std::uint32_t stated = 0;
        std::memcpy(&stated, before_ ? encoded.data() : encoded.data() + data.size(), 4);
        if (stated != function_(data)) return damaged(fmt::format("its {} checksum is wrong", name_));
        if (data.size() > size.bytes) return damaged(fmt::format("it has {} bytes, more than a chunk may have", data.size()));
        std::copy(data.begin(), data.end(), out.prepare(data.size()).begin());
        return settle(data.size(), size, out);
    }

  private:
    const char* name_;
    Function function_;
    bool before_;
};

}  // namespace

std::uint32_t crc32c(Bytes bytes) {
    static const auto table = [] {
        std::array<std::uint32_t, 256> rows{};
        for (std::uint32_t i = 0; i < 256; ++i) {
            std::uint32_t row = i;
            for (int bit = 0; bit < 8; ++bit) row = (row >> 1) ^ (row & 1u ? 0x82F63B78u : 0u);
            rows[i] = row;
        }
        return rows;
    }();
    std::uint32_t sum = ~0u;
    for (const std::byte byte : bytes) sum = (sum >> 8) ^ table[(sum ^ std::to_integer<std::uint32_t>(byte)) & 0xFFu];
    return ~sum;
}

std::shared_ptr<const ZarrCodec> makeZarrCompressor(const std::string& id) {
    if (id == "blosc") return std::make_shared<const BloscCodec>();
    if (id == "zstd") return std::make_shared<const ZstdCodec>();
    if (id == "gzip" || id == "zlib") return std::make_shared<const DeflateCodec>();
    if (id == "bz2") return std::make_shared<const Bz2Codec>();
    if (id == "lz4") return std::make_shared<const Lz4Codec>();
    if (id == "crc32c") return std::make_shared<const ChecksumCodec>("CRC-32C", crc32c, false);
    if (id == "crc32") return std::make_shared<const ChecksumCodec>("CRC-32", zlibCrc32, true);
    if (id == "adler32") return std::make_shared<const ChecksumCodec>("Adler-32", zlibAdler32, true);
    if (id == "fletcher32") return std::make_shared<const ChecksumCodec>("Fletcher-32", fletcher32, false);
    return nullptr;
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
