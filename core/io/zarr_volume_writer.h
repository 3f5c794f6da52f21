#pragma once

#include <array>
#include <filesystem>
#include <span>

#include "core/io/plate_format.h"
#include "core/io/zarr_array.h"

namespace driftscope::io {

/// Writes an array T, C, Z, Y, X of one resolution z-stack by z-stack. Every file appears whole or not at all.
class ZarrVolumeWriter {
  public:
    /// Makes the array's folder and metadata. Errors: unwritable folder, an empty or overflowing shape.
    static Result<ZarrVolumeWriter> create(const std::filesystem::path& folder, const std::array<std::int64_t, 5>& shape, NumberType type, const PlateFormat& format);
    /// Goes on with an array that create() made with the same arguments. Errors: absent, or made with others (named).
    static Result<ZarrVolumeWriter> open(const std::filesystem::path& folder, const std::array<std::int64_t, 5>& shape, NumberType type, const PlateFormat& format);

    const std::array<std::int64_t, 5>& shape() const { return shape_; }
    NumberType type() const { return metadata_.type; }
    std::size_t volumeBytes() const;

    /// Writes the z-stack of frame t, channel c: Z x Y x X numbers.
    Result<void> write(std::int64_t t, std::int64_t c, std::span<const std::byte> volume) const;
    /// What is on disk of it; zeros where nothing is.
    Result<void> read(std::int64_t t, std::int64_t c, std::span<std::byte> volume) const;

  private:
    ZarrVolumeWriter(std::filesystem::path folder, const std::array<std::int64_t, 5>& shape, ZarrMetadata metadata)
        : folder_(std::move(folder)), shape_(shape), metadata_(std::move(metadata)) {}
    std::vector<std::byte> chunkOf(std::span<const std::byte> volume, std::int64_t z, std::int64_t y, std::int64_t x) const;
    Result<void> writeShard(std::int64_t t, std::int64_t c, std::span<const std::byte> volume) const;
    Result<void> writeFile(const std::string& key, std::span<const std::byte> bytes) const;

    std::filesystem::path folder_;
    std::array<std::int64_t, 5> shape_;
    ZarrMetadata metadata_;
};

}  // namespace driftscope::io
