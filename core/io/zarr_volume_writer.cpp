#include "core/io/zarr_volume_writer.h"

#include <algorithm>
#include <cstring>
#include <fstream>

#include "core/base/atomic_file.h"
#include "core/io/checked_size.h"
#include "core/io/json_access.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;
using Shape = std::array<std::int64_t, 5>;

constexpr std::int64_t kLargestTile = 512;
constexpr std::uint64_t kLargestChunk = 256u << 20;
constexpr Shape kShardedChunk{1, 1, 16, 256, 256};

/// One z-stack per chunk, cut to tiles of at most 512 x 512 and to slabs when it would be huge.
Shape plainChunks(const Shape& shape, NumberType type) {
    Shape chunks{1, 1, shape[2], std::min(shape[3], kLargestTile), std::min(shape[4], kLargestTile)};
    while (chunks[2] > 1 && *checkedBytes(chunks, type.size()) > kLargestChunk) chunks[2] = (chunks[2] + 1) / 2;
    return chunks;
}

json metadataV2(const Shape& shape, NumberType type) {
    return {{"zarr_format", 2},
            {"shape", shape},
            {"chunks", plainChunks(shape, type)},
            {"dtype", numpyName(type)},
            {"compressor", {{"id", "blosc"}, {"cname", "zstd"}, {"clevel", 1}, {"shuffle", 2}, {"blocksize", 0}}},
            {"fill_value", 0},
            {"order", "C"},
            {"filters", nullptr},
            {"dimension_separator", "/"}};
}

json metadataV3(const Shape& shape, NumberType type, bool sharded) {
    json bytes = {{"name", "bytes"}};
    if (type.size() > 1) bytes["configuration"] = {{"endian", "little"}};
    json codecs = json::array({bytes, {{"name", "blosc"}, {"configuration", {{"cname", "zstd"}, {"clevel", 1}, {"shuffle", "bitshuffle"}, {"typesize", type.size()}, {"blocksize", 0}}}}});
    Shape chunks = plainChunks(shape, type);
    if (sharded) {
        Shape inner;
        for (std::size_t axis = 0; axis < 5; ++axis) {
            inner[axis] = std::min(kShardedChunk[axis], shape[axis]);
            chunks[axis] = axis < 2 ? 1 : (shape[axis] + inner[axis] - 1) / inner[axis] * inner[axis];
        }
        const json index = json::array({{{"name", "bytes"}, {"configuration", {{"endian", "little"}}}}, {{"name", "crc32c"}}});
        codecs = json::array({{{"name", "sharding_indexed"}, {"configuration", {{"chunk_shape", inner}, {"codecs", codecs}, {"index_codecs", index}, {"index_location", "end"}}}}});
    }
    return {{"zarr_format", 3},
            {"node_type", "array"},
            {"shape", shape},
            {"data_type", type.name()},
            {"chunk_grid", {{"name", "regular"}, {"configuration", {{"chunk_shape", chunks}}}}},
            {"chunk_key_encoding", {{"name", "default"}, {"configuration", {{"separator", "/"}}}}},
            {"fill_value", type.isInteger() ? json(0) : json(0.0)},
            {"codecs", codecs},
            {"attributes", json::object()},
            {"dimension_names", {"t", "c", "z", "y", "x"}}};
}

struct Described {
    fs::path file;
    json document;
    ZarrMetadata metadata;
};

Result<Described> describe(const fs::path& folder, const Shape& shape, NumberType type, const PlateFormat& format) {
    if (!checkedBytes(shape, type.size())) return fail(ErrorCode::BadInput, fmt::format("{} would be larger than any disk.", folder.string()), "Check its shape.");
    if (format.version == OmeVersion::V04) {
        Described made{folder / ".zarray", metadataV2(shape, type), {}};
        DS_ASSIGN(made.metadata, parseZarrV2(made.document, made.file.string()));
        return made;
    }
    Described made{folder / "zarr.json", metadataV3(shape, type, format.sharded), {}};
    DS_ASSIGN(made.metadata, parseZarrV3(made.document, made.file.string()));
    return made;
}

}  // namespace

Result<ZarrVolumeWriter> ZarrVolumeWriter::create(const fs::path& folder, const Shape& shape, NumberType type, const PlateFormat& format) {
    DS_ASSIGN(Described made, describe(folder, shape, type, format));
    DS_TRY(makeFolder(folder));
    DS_TRY(writeFileAtomically(made.file, made.document.dump(4)));
    return ZarrVolumeWriter(folder, shape, std::move(made.metadata));
}

Result<ZarrVolumeWriter> ZarrVolumeWriter::open(const fs::path& folder, const Shape& shape, NumberType type, const PlateFormat& format) {
    DS_ASSIGN(Described wanted, describe(folder, shape, type, format));
    DS_ASSIGN(const std::string text, readFile(wanted.file));
    const json found = json::parse(text, nullptr, false);
    if (found == wanted.document) return ZarrVolumeWriter(folder, shape, std::move(wanted.metadata));
    const char* name = format.version == OmeVersion::V04 ? "dtype" : "data_type";
    const auto field = [&](const char* which) { return found.is_object() && found.contains(which) ? found[which].dump() : std::string("?"); };
    return fail(ErrorCode::BadInput, fmt::format("{} holds {} {}, not {} {} as this run would write it.", folder.string(), field(name), field("shape"),
                                                 wanted.document[name].dump(), wanted.document["shape"].dump()),
                "Choose another folder for this run; nothing was changed.");
}

std::size_t ZarrVolumeWriter::volumeBytes() const {
    return static_cast<std::size_t>(shape_[2] * shape_[3] * shape_[4]) * metadata_.type.size();
}

/// The numbers of one chunk of a volume; edge chunks are filled up with zeros.
std::vector<std::byte> ZarrVolumeWriter::chunkOf(std::span<const std::byte> volume, std::int64_t z, std::int64_t y, std::int64_t x) const {
    const std::size_t size = metadata_.type.size();
    const std::int64_t planes = std::min(metadata_.chunks[2], shape_[2] - z), rows = std::min(metadata_.chunks[3], shape_[3] - y);
    const auto rowBytes = static_cast<std::size_t>(std::min(metadata_.chunks[4], shape_[4] - x)) * size;
    std::vector<std::byte> chunk(metadata_.chunkBytes);
    for (std::int64_t plane = 0; plane < planes; ++plane)
        for (std::int64_t row = 0; row < rows; ++row) {
            const auto pixel = static_cast<std::size_t>(((z + plane) * shape_[3] + y + row) * shape_[4] + x);
            std::memcpy(chunk.data() + static_cast<std::size_t>(plane) * metadata_.strides[2] + static_cast<std::size_t>(row) * metadata_.strides[3],
                        volume.data() + pixel * size, rowBytes);
        }
    return chunk;
}

Result<void> ZarrVolumeWriter::write(std::int64_t t, std::int64_t c, std::span<const std::byte> volume) const {
    if (!metadata_.shards.empty()) return writeShard(t, c, volume);
    for (std::int64_t z = 0; z < shape_[2]; z += metadata_.chunks[2])
        for (std::int64_t y = 0; y < shape_[3]; y += metadata_.chunks[3])
            for (std::int64_t x = 0; x < shape_[4]; x += metadata_.chunks[4]) {
                DS_ASSIGN(const std::vector<std::byte> encoded, encodeBlosc(chunkOf(volume, z, y, x), metadata_.type.size()));
                const Shape index{t, c, z / metadata_.chunks[2], y / metadata_.chunks[3], x / metadata_.chunks[4]};
                DS_TRY(writeFile(metadata_.chunkKey(index), encoded));
            }
    return {};
}

/// One file with all chunks of a z-stack. Chunks of zeros only, the fill value, are left out.
Result<void> ZarrVolumeWriter::writeShard(std::int64_t t, std::int64_t c, std::span<const std::byte> volume) const {
    const ShardLevel& level = metadata_.shards.front();
    std::vector<std::byte> shard;
    std::vector<std::uint64_t> index;
    for (std::int64_t z = 0; z < level.chunks[2]; ++z)
        for (std::int64_t y = 0; y < level.chunks[3]; ++y)
            for (std::int64_t x = 0; x < level.chunks[4]; ++x) {
                const std::vector<std::byte> chunk = chunkOf(volume, z * metadata_.chunks[2], y * metadata_.chunks[3], x * metadata_.chunks[4]);
                if (std::all_of(chunk.begin(), chunk.end(), [](std::byte byte) { return byte == std::byte{0}; })) {
                    index.insert(index.end(), {~0ull, ~0ull});
                    continue;
                }
                DS_ASSIGN(const std::vector<std::byte> encoded, encodeBlosc(chunk, metadata_.type.size()));
                index.insert(index.end(), {shard.size(), encoded.size()});
                shard.insert(shard.end(), encoded.begin(), encoded.end());
            }
    const auto bytes = std::as_bytes(std::span(index));
    const std::uint32_t sum = crc32c(bytes);
    const auto sumBytes = std::as_bytes(std::span(&sum, 1));
    shard.insert(shard.end(), bytes.begin(), bytes.end());
    shard.insert(shard.end(), sumBytes.begin(), sumBytes.end());
    return writeFile(fmt::format("{}{}/{}/0/0/0", level.prefix, t, c), shard);
}

Result<void> ZarrVolumeWriter::writeFile(const std::string& key, std::span<const std::byte> bytes) const {
    const fs::path path = folder_ / key;
    DS_TRY(makeFolder(path.parent_path()));
    // Flushing every chunk to disk would take longer than making it; renaming still keeps readers from seeing half a chunk.
    const fs::path temporary = temporaryBeside(path);
    std::ofstream out(temporary, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    out.close();
    std::error_code code;
    if (out) fs::rename(temporary, path, code);
    if (out && !code) return {};
    fs::remove(temporary, code);
    return fail(ErrorCode::Io, fmt::format("Cannot write {}.", path.string()), "Check free space and permissions.");
}

Result<void> ZarrVolumeWriter::read(std::int64_t t, std::int64_t c, std::span<std::byte> volume) const {
    const ZarrArray array(std::make_shared<const ZarrFolder>(folder_), metadata_);
    const Shape from{t, c, 0, 0, 0}, extent{1, 1, shape_[2], shape_[3], shape_[4]};
    const std::size_t pixels = volume.size() / metadata_.type.size();
    if (!metadata_.type.isInteger()) {
        std::vector<float> values(pixels);
        DS_TRY(array.read(from, extent, std::span(values)));
        std::memcpy(volume.data(), values.data(), volume.size());
        return {};
    }
    std::vector<std::uint32_t> values(pixels);
    DS_TRY(array.read(from, extent, std::span(values)));
    for (std::size_t i = 0; i < pixels; ++i) std::memcpy(volume.data() + i * metadata_.type.size(), &values[i], metadata_.type.size());
    return {};
}

}  // namespace driftscope::io
