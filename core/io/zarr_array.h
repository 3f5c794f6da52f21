#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/zarr_metadata.h"
#include "core/io/zarr_store.h"

namespace driftscope {
class ThreadTeam;
}

namespace driftscope::io {

/// A box of an array and where its values go, in C order.
template <class T>
struct ZarrBox {
    std::vector<std::int64_t> begin, extent;
    std::span<T> out;  ///< as many values as the box holds
};

/// An n-dimensional Zarr array of numbers, read by boxes. Immutable and thread-safe; each reading thread keeps its own
/// working space of a few chunks.
class ZarrArray {
  public:
    /// Opens the array in a folder: Zarr v2 (with `.zarray`) or v3 (with `zarr.json`). Errors: absent, damaged metadata, unknown
    /// types and codecs.
    static Result<ZarrArray> open(const std::filesystem::path& folder);
    /// `store` holds the chunks, or the shards with them.
    ZarrArray(std::shared_ptr<const ZarrStore> store, ZarrMetadata metadata);

    const ZarrMetadata& metadata() const { return metadata_; }

    /// Reads the box of `extent` from `begin`, in C order, into `out`. Absent chunks give the fill value. A team decodes
    /// chunks, and parts of large ones, side by side. Errors: box outside the array, damaged chunk (named; the first one in C order).
    Result<void> read(std::span<const std::int64_t> begin, std::span<const std::int64_t> extent, std::span<float> out, ThreadTeam* team = nullptr) const;
    /// As above for labels. Errors also: a value that is not a whole number from 0 to 2^32 - 1.
    Result<void> read(std::span<const std::int64_t> begin, std::span<const std::int64_t> extent, std::span<std::uint32_t> out, ThreadTeam* team = nullptr) const;
    /// The whole array in C order, exact. Errors also: a value that is not whole (integers), more than 2^31 values.
    Result<std::vector<double>> doubles() const;
    Result<std::vector<std::int64_t>> integers() const;
    /// Reads many boxes; a chunk that several of them need is read and decoded once, chunks in the order of the store.
    Result<void> read(std::span<const ZarrBox<float>> boxes, ThreadTeam* team = nullptr) const;

  private:
    template <class T>
    Result<void> readBoxes(std::span<const ZarrBox<T>> boxes, ThreadTeam* team) const;
    template <class T>
    Result<std::vector<T>> readAll() const;

    std::shared_ptr<const ZarrStore> store_;
    ZarrMetadata metadata_;
};

}  // namespace driftscope::io
