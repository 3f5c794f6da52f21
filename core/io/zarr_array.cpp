#include "core/io/zarr_array.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "core/io/checked_size.h"
#include "core/io/json_access.h"

namespace driftscope::io {
namespace {

using Extents = std::vector<std::int64_t>;

constexpr std::size_t kSmallestPart = 64u << 10;  ///< below the size of Blosc's blocks, parts would decode blocks twice

/// Working space of one reading thread. Kept between chunks because fresh pages cost as much as decoding them.
struct Workspace {
    Buffer encoded;
    Buffer decoded;
    Buffer spare;
    Buffer row;

    static Workspace& ofThisThread() {
        static thread_local Workspace workspace;
        return workspace;
    }
    void trim() {
        constexpr std::size_t kKept = 64u << 20;
        for (Buffer* buffer : {&encoded, &decoded, &spare})
            if (buffer->capacity() > kKept) buffer->release();
    }
};

/// The part of a box that lies in one chunk.
struct Piece {
    Extents inChunk;  ///< first element, relative to the chunk
    Extents inBox;    ///< first element, relative to the box
    Extents extent;
};

/// Some bytes of a decoded chunk: those from `begin` on.
struct ChunkBytes {
    const std::byte* bytes = nullptr;
    std::size_t begin = 0;
};

/// Steps an index through `extent` in C order over the axes before `axes`; false after the last.
bool advance(Extents& index, const Extents& extent, std::size_t axes) {
    for (std::size_t axis = axes; axis-- > 0;) {
        if (++index[axis] < extent[axis]) return true;
        index[axis] = 0;
    }
    return false;
}

std::size_t offsetOf(const Extents& index, std::span<const std::size_t> strides) {
    std::size_t offset = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis) offset += static_cast<std::size_t>(index[axis]) * strides[axis];
    return offset;
}

std::optional<std::size_t> convert(const std::byte* from, NumberType type, std::span<float> out) {
    toFloats(from, type, out);
    return std::nullopt;
}

std::optional<std::size_t> convert(const std::byte* from, NumberType type, std::span<std::uint32_t> out) {
    return toLabels(from, type, out);
}

/// Reads the chunks of one array one after another.
class ChunkReader {
  public:
    ChunkReader(const ZarrStore& store, const ZarrMetadata& array) : store_(store), array_(array), space_(Workspace::ofThisThread()) {}
    ~ChunkReader() { space_.trim(); }
    ChunkReader(const ChunkReader&) = delete;
    ChunkReader& operator=(const ChunkReader&) = delete;

    Workspace& space() { return space_; }

    /// Makes a chunk the current one; false when it is absent.
    Result<bool> fetch(const Extents& chunk) {
        key_ = array_.chunkKey(chunk);
        // Of plain numbers only the wanted ones are read, in decode().
        const std::uint64_t length = array_.pipeline.raw() ? 0 : ZarrStore::kWhole;
        return named(store_.read(key_, 0, length, 2 * array_.chunkBytes + (1u << 20), space_.encoded));
    }

    /// The pieces that a piece is best decoded in: itself, or its planes when they lie far apart in the chunk.
    std::vector<Piece> parts(const Piece& piece) const {
        const auto axis = static_cast<std::size_t>(std::find_if(piece.extent.begin(), piece.extent.end(), [](std::int64_t n) { return n > 1; }) - piece.extent.begin());
        if (!array_.pipeline.decodesParts() || axis + 2 >= piece.extent.size() || spanOf(piece) <= array_.chunkBytes / 2) return {piece};
        Piece plane = piece;
        plane.extent[axis] = 1;
        const std::size_t span = spanOf(plane);
        if (span < kSmallestPart || span * static_cast<std::size_t>(piece.extent[axis]) > array_.chunkBytes / 2) return {piece};
        std::vector<Piece> planes;
        for (std::int64_t i = 0; i < piece.extent[axis]; ++i, ++plane.inChunk[axis], ++plane.inBox[axis]) planes.push_back(plane);
        return planes;
    }

    /// Bytes of the current chunk that hold the piece. Valid until the next call.
    Result<ChunkBytes> decode(const Piece& piece) { return named(decodeUnnamed(piece)); }

    /// Adds the current chunk's name to an error.
    template <class T>
    Result<T> named(Result<T> result) const {
        if (!result) return tl::unexpected(std::move(result.error()).during("in the chunk " + store_.place(key_)));
        return result;
    }

  private:
    Result<ChunkBytes> decodeUnnamed(const Piece& piece) {
        const auto [begin, end] = range(piece);
        const std::size_t length = end - begin;
        if (array_.pipeline.raw()) {
            DS_ASSIGN(const bool found, store_.read(key_, begin, length, length, space_.encoded));
            return found ? ChunkBytes{space_.encoded.bytes().data(), begin} : ChunkBytes{};
        }
        // Parts are decoded block by block; beyond half a chunk that saves nothing.
        if (length <= array_.chunkBytes / 2) {
            DS_ASSIGN(const bool done, array_.pipeline.decodePart(space_.encoded.bytes(), array_.chunkBytes, begin, length, space_.decoded));
            if (done) return ChunkBytes{space_.decoded.bytes().data(), begin};
        }
        DS_TRY(array_.pipeline.decode(space_.encoded, array_.chunkBytes, space_.decoded, space_.spare));
        return ChunkBytes{space_.decoded.bytes().data(), 0};
    }

    std::size_t spanOf(const Piece& piece) const {
        const auto [begin, end] = range(piece);
        return end - begin;
    }

    /// The bytes of a decoded chunk from the first to the last element of a piece.
    std::pair<std::size_t, std::size_t> range(const Piece& piece) const {
        Extents last = piece.inChunk;
        for (std::size_t axis = 0; axis < last.size(); ++axis) last[axis] += piece.extent[axis] - 1;
        return {offsetOf(piece.inChunk, array_.strides), offsetOf(last, array_.strides) + array_.type.size()};
    }

    const ZarrStore& store_;
    const ZarrMetadata& array_;
    Workspace& space_;
    std::string key_;
};

Piece pieceOf(const ZarrMetadata& array, const Extents& chunk, std::span<const std::int64_t> begin, std::span<const std::int64_t> extent) {
    Piece piece;
    for (std::size_t axis = 0; axis < chunk.size(); ++axis) {
        const std::int64_t chunkBegin = chunk[axis] * array.chunks[axis];
        const std::int64_t from = std::max(begin[axis], chunkBegin);
        const std::int64_t to = std::min(begin[axis] + extent[axis], chunkBegin + array.chunks[axis]);
        piece.inChunk.push_back(from - chunkBegin);
        piece.inBox.push_back(from - begin[axis]);
        piece.extent.push_back(to - from);
    }
    return piece;
}

/// Copies a piece row by row (a row runs along the last axis) into its place in the box.
template <class T>
Result<void> copyPiece(const ZarrMetadata& array, const Piece& piece, const ChunkBytes& chunk, std::span<const std::size_t> boxStrides, Buffer& gathered,
                       std::span<T> out) {
    const std::size_t rank = piece.extent.size();
    const auto length = static_cast<std::size_t>(piece.extent[rank - 1]);
    const std::size_t size = array.type.size();
    const std::size_t stride = chunk.bytes ? array.strides[rank - 1] : 0;
    const std::size_t firstIn = offsetOf(piece.inChunk, array.strides) - chunk.begin;
    const std::size_t firstOut = offsetOf(piece.inBox, boxStrides);
    Extents index(rank, 0);
    do {
        const std::byte* from = chunk.bytes ? chunk.bytes + firstIn + offsetOf(index, array.strides) : array.fill.data();
        if (stride != size) {  // Fortran order, or one fill value for all
            const auto row = gathered.prepare(length * size);
            for (std::size_t i = 0; i < length; ++i) std::memcpy(row.data() + i * size, from + i * stride, size);
            from = row.data();
        }
        const auto target = out.subspan(firstOut + offsetOf(index, boxStrides), length);
        if (convert(from, array.type, target))
            return fail(ErrorCode::BadInput, fmt::format("A label is not a whole number from 0 to 4294967295 (type {}).", array.type.name()),
                        "Labels must be stored as non-negative integers.");
    } while (advance(index, piece.extent, rank - 1));
    return {};
}

Result<void> checkBox(const ZarrMetadata& array, std::span<const std::int64_t> begin, std::span<const std::int64_t> extent, std::size_t count,
                      const std::string& place) {
    bool inside = begin.size() == array.shape.size() && extent.size() == array.shape.size();
    for (std::size_t axis = 0; inside && axis < begin.size(); ++axis)
        inside = begin[axis] >= 0 && extent[axis] >= 1 && begin[axis] < array.shape[axis] && extent[axis] <= array.shape[axis] - begin[axis];
    if (inside && checkedBytes(extent, 1) == count) return {};
    return fail(ErrorCode::BadInput, fmt::format("{}: the box [{}] + [{}] is not inside the array of [{}].", place, fmt::join(begin, ", "), fmt::join(extent, ", "),
                                                 fmt::join(array.shape, ", ")));
}

}  // namespace

Result<ZarrArray> ZarrArray::open(const std::filesystem::path& folder) {
    std::error_code code;
    if (!std::filesystem::exists(folder / ".zarray", code)) {
        if (std::filesystem::exists(folder / "zarr.json", code))
            return fail(ErrorCode::Unsupported, fmt::format("{} is Zarr version 3, which this version does not read.", folder.string()),
                        "Convert it to OME-Zarr 0.4 (Zarr version 2).");
        return fail(ErrorCode::NotFound, fmt::format("{} has no .zarray: there is no array here.", folder.string()), "Check the path, or copy the array again.");
    }
    DS_ASSIGN(const nlohmann::json zarray, readJson(folder / ".zarray"));
    DS_ASSIGN(ZarrMetadata metadata, parseZarrV2(zarray, (folder / ".zarray").string()));
    return ZarrArray(std::make_shared<const ZarrFolder>(folder), std::move(metadata));
}

template <class T>
Result<void> ZarrArray::readBox(std::span<const std::int64_t> begin, std::span<const std::int64_t> extent, std::span<T> out) const {
    DS_TRY(checkBox(metadata_, begin, extent, out.size(), store_->place("")));
    const std::size_t rank = begin.size();
    std::vector<std::size_t> boxStrides(rank, 1);
    for (std::size_t axis = rank - 1; axis-- > 0;) boxStrides[axis] = boxStrides[axis + 1] * static_cast<std::size_t>(extent[axis + 1]);
    Extents first(rank);
    Extents count(rank);
    for (std::size_t axis = 0; axis < rank; ++axis) {
        first[axis] = begin[axis] / metadata_.chunks[axis];
        count[axis] = (begin[axis] + extent[axis] - 1) / metadata_.chunks[axis] - first[axis] + 1;
    }
    ChunkReader reader(*store_, metadata_);
    Extents step(rank, 0);
    Extents chunk(rank);
    do {
        for (std::size_t axis = 0; axis < rank; ++axis) chunk[axis] = first[axis] + step[axis];
        const Piece piece = pieceOf(metadata_, chunk, begin, extent);
        DS_ASSIGN(const bool present, reader.fetch(chunk));
        for (const Piece& part : present ? reader.parts(piece) : std::vector<Piece>{piece}) {
            ChunkBytes bytes;
            if (present) {
                DS_ASSIGN(bytes, reader.decode(part));
            }
            DS_TRY(reader.named(copyPiece(metadata_, part, bytes, boxStrides, reader.space().row, out)));
        }
    } while (advance(step, count, rank));
    return {};
}

Result<void> ZarrArray::read(std::span<const std::int64_t> begin, std::span<const std::int64_t> extent, std::span<float> out) const {
    return readBox(begin, extent, out);
}

Result<void> ZarrArray::read(std::span<const std::int64_t> begin, std::span<const std::int64_t> extent, std::span<std::uint32_t> out) const {
    return readBox(begin, extent, out);
}

}  // namespace driftscope::io
