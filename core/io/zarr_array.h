#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "core/base/error.h"
#include "core/io/zarr_metadata.h"
#include "core/io/zarr_store.h"

namespace driftscope::io {

/// An n-dimensional Zarr array of numbers, read by boxes. Immutable and thread-safe; each reading thread keeps its own
/// working space of a few chunks.
class ZarrArray {
  public:
    /// Opens the array in a folder (Zarr v2: the one with `.zarray`). Errors: absent, v3, damaged metadata.
    static Result<ZarrArray> open(const std::filesystem::path& folder);
    ZarrArray(std::shared_ptr<const ZarrStore> store, ZarrMetadata metadata) : store_(std::move(store)), metadata_(std::move(metadata)) {}

    const ZarrMetadata& metadata() const { return metadata_; }

    /// Reads the box of `extent` from `begin`, in C order, into `out` (as many values as the box holds).
    /// Absent chunks give the fill value. Errors: box outside the array, damaged chunk (named).
    Result<void> read(std::span<const std::int64_t> begin, std::span<const std::int64_t> extent, std::span<float> out) const;
    /// As above for labels. Errors also: a value that is not a whole number from 0 to 2^32 - 1.
    Result<void> read(std::span<const std::int64_t> begin, std::span<const std::int64_t> extent, std::span<std::uint32_t> out) const;

  private:
    template <class T>
    Result<void> readBox(std::span<const std::int64_t> begin, std::span<const std::int64_t> extent, std::span<T> out) const;

    std::shared_ptr<const ZarrStore> store_;
    ZarrMetadata metadata_;
};

}  // namespace driftscope::io
