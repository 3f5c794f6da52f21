#pragma once

#include <string>
#include <vector>

#include "core/io/zarr_metadata.h"
#include "core/io/zarr_store.h"

namespace driftscope::io {

/// Places and sizes along the axes of an array.
using Extents = std::vector<std::int64_t>;

/// Bytes from the first place by `strides`.
std::size_t offsetOf(std::span<const std::int64_t> index, std::span<const std::size_t> strides);
/// Steps an index through `extent` in C order over the axes before `axes`; false after the last.
bool advance(Extents& index, const Extents& extent, std::size_t axes);

/// The part of a box that lies in one chunk.
struct Piece {
    Extents inChunk;  ///< first element, relative to the chunk
    Extents inBox;    ///< first element, relative to the box
    Extents extent;
};
Piece pieceOf(const ZarrMetadata& array, const Extents& chunk, std::span<const std::int64_t> begin, std::span<const std::int64_t> extent);

/// Some bytes of a decoded chunk: those from `begin` on.
struct ChunkBytes {
    const std::byte* bytes = nullptr;
    std::size_t begin = 0;
};

/// Working space of one reading thread. Kept between chunks because fresh pages cost as much as decoding them.
struct ZarrWorkspace {
    Buffer encoded;
    Buffer decoded;
    Buffer spare;
    Buffer row;

    static ZarrWorkspace& ofThisThread();
    void trim();  ///< gives back what is unusually large
};

/// One chunk of an array at a time: its bytes as stored, and what they decode to. One thread fetches; after that
/// decode() may be called by several threads at once, each with a workspace of its own.
class ChunkReader {
  public:
    ChunkReader(const ZarrStore& store, const ZarrMetadata& array) : store_(store), array_(array), space_(ZarrWorkspace::ofThisThread()) {}
    ~ChunkReader() { space_.trim(); }
    ChunkReader(const ChunkReader&) = delete;
    ChunkReader& operator=(const ChunkReader&) = delete;

    /// Makes a chunk the current one; false when it is absent.
    Result<bool> fetch(const Extents& chunk);
    /// Bytes of the current chunk that hold the piece. Valid until the workspace is used again.
    Result<ChunkBytes> decode(const Piece& piece, ZarrWorkspace& space) const { return named(decodeUnnamed(piece, space)); }
    /// The whole current chunk.
    Result<ChunkBytes> decodeAll(ZarrWorkspace& space);
    /// True when decoding these pieces one by one costs less than decoding the whole chunk.
    bool cheaperInParts(std::span<const Piece> pieces) const;
    /// Cuts a piece along its outermost axis so that each slab decodes by itself without repeating much; at most `most`.
    std::vector<Piece> slabs(const Piece& piece, std::size_t most) const;

    /// Adds the current chunk's name to an error.
    template <class T>
    Result<T> named(Result<T> result) const {
        if (!result) return tl::unexpected(std::move(result.error()).during("in the chunk " + store_.place(key_)));
        return result;
    }

  private:
    Result<ChunkBytes> decodeUnnamed(const Piece& piece, ZarrWorkspace& space) const;
    std::size_t spanOf(const Piece& piece) const;

    const ZarrStore& store_;
    const ZarrMetadata& array_;
    ZarrWorkspace& space_;  ///< of the thread that fetches: holds the stored bytes
    std::string key_;
};

}  // namespace driftscope::io
