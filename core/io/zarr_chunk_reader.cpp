#include "core/io/zarr_chunk_reader.h"

#include <algorithm>
#include <utility>

namespace driftscope::io {
namespace {

constexpr std::size_t kSmallestPart = 64u << 10;  ///< below the size of Blosc's blocks, parts would decode blocks twice

/// The bytes of a decoded chunk from the first to the last element of a piece.
std::pair<std::size_t, std::size_t> rangeOf(const ZarrMetadata& array, const Piece& piece) {
    Extents last = piece.inChunk;
    for (std::size_t axis = 0; axis < last.size(); ++axis) last[axis] += piece.extent[axis] - 1;
    return {offsetOf(piece.inChunk, array.strides), offsetOf(last, array.strides) + array.type.size()};
}

}  // namespace

std::size_t offsetOf(std::span<const std::int64_t> index, std::span<const std::size_t> strides) {
    std::size_t offset = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis) offset += static_cast<std::size_t>(index[axis]) * strides[axis];
    return offset;
}

bool advance(Extents& index, const Extents& extent, std::size_t axes) {
    for (std::size_t axis = axes; axis-- > 0;) {
        if (++index[axis] < extent[axis]) return true;
        index[axis] = 0;
    }
    return false;
}

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

ZarrWorkspace& ZarrWorkspace::ofThisThread() {
    static thread_local ZarrWorkspace workspace;
    return workspace;
}

void ZarrWorkspace::trim() {
    constexpr std::size_t kKept = 64u << 20;
    for (Buffer* buffer : {&encoded, &decoded, &spare})
        if (buffer->capacity() > kKept) buffer->release();
}

Result<bool> ChunkReader::fetch(const Extents& chunk) {
    key_ = array_.chunkKey(chunk);
    // Of plain numbers only the wanted ones are read, in decode().
    const std::uint64_t length = array_.pipeline.raw() ? 0 : ZarrStore::kWhole;
    return named(store_.read(key_, 0, length, array_.pipeline.largestEncoded(array_.chunkBytes), space_.encoded));
}

Result<ChunkBytes> ChunkReader::decodeUnnamed(const Piece& piece, ZarrWorkspace& space) const {
    const auto [begin, end] = rangeOf(array_, piece);
    const std::size_t length = end - begin;
    if (array_.pipeline.raw()) {
        DS_ASSIGN(const bool found, store_.read(key_, begin, length, length, space.decoded));
        return found ? ChunkBytes{space.decoded.bytes().data(), begin} : ChunkBytes{};
    }
    // Parts are decoded block by block; near the whole chunk that saves nothing.
    if (length <= array_.chunkBytes / 4 * 3) {
        DS_ASSIGN(const bool done, array_.pipeline.decodePart(space_.encoded.bytes(), array_.chunkBytes, begin, length, space.decoded));
        if (done) return ChunkBytes{space.decoded.bytes().data(), begin};
    }
    DS_TRY(array_.pipeline.decode(space_.encoded.bytes(), {array_.chunkBytes}, space.decoded, space.spare));
    return ChunkBytes{space.decoded.bytes().data(), 0};
}

Result<ChunkBytes> ChunkReader::decodeAll(ZarrWorkspace& space) {
    Piece whole;
    whole.inChunk.assign(array_.chunks.size(), 0);
    whole.extent = array_.chunks;
    return decode(whole, space);
}

bool ChunkReader::cheaperInParts(std::span<const Piece> pieces) const {
    if (!array_.pipeline.decodesParts()) return false;
    std::size_t sum = 0;
    for (const Piece& piece : pieces) sum += std::max(spanOf(piece), kSmallestPart);
    return sum <= array_.chunkBytes / 2;
}

std::vector<Piece> ChunkReader::slabs(const Piece& piece, std::size_t most) const {
    const auto axis = static_cast<std::size_t>(std::find_if(piece.extent.begin(), piece.extent.end(), [](std::int64_t n) { return n > 1; }) - piece.extent.begin());
    if (axis == piece.extent.size() || !array_.pipeline.decodesParts()) return {piece};
    const std::int64_t rows = piece.extent[axis];
    const auto worthwhile = static_cast<std::int64_t>(std::min(most, spanOf(piece) / (4 * kSmallestPart)));
    const std::int64_t count = std::clamp<std::int64_t>(worthwhile, 1, rows);
    std::vector<Piece> result;
    for (std::int64_t slab = 0; slab < count; ++slab) {
        const std::int64_t from = slab * rows / count, to = (slab + 1) * rows / count;
        Piece& part = result.emplace_back(piece);
        part.inChunk[axis] += from;
        part.inBox[axis] += from;
        part.extent[axis] = to - from;
    }
    return result;
}

std::size_t ChunkReader::spanOf(const Piece& piece) const {
    const auto [begin, end] = rangeOf(array_, piece);
    return end - begin;
}

}  // namespace driftscope::io
