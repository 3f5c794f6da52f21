#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/buffer.h"
#include "core/io/number_type.h"

struct tiff;

namespace driftscope::io {

/// How the pixels of one page are stored.
struct TiffLayout {
    std::int64_t width = 0;
    std::int64_t height = 0;
    int samples = 1;         ///< values per pixel, without alpha
    NumberType type;

    bool operator==(const TiffLayout&) const = default;
    std::string text() const;  ///< "211 x 190 uint8"
};

/// A TIFF file of equal pages. Thread-safe: libtiff's handles are not, so that reading threads take one each from a pool.
class TiffFile {
  public:
    /// Reads the directories of all pages; reduced copies (thumbnails, pyramids) are left out. Up to `idleHandles` file
    /// handles stay open between reads: several for a stack, none for one of thousands of frames.
    /// Errors: not TIFF, pages of different layouts (named), bit depths other than 8, 16, 32, 64, no pages.
    static Result<TiffFile> open(const std::filesystem::path& path, std::size_t idleHandles);

    const TiffLayout& layout() const { return layout_; }
    std::size_t pages() const { return offsets_.size(); }
    const std::string& description() const { return description_; }  ///< of the first page; programs put their metadata there
    double pixelsPerUnit() const { return pixelsPerUnit_; }          ///< horizontal resolution; 0 when not given
    const std::filesystem::path& path() const { return path_; }

    /// One sample of one page, row by row, as native numbers of layout().type.
    Result<void> read(std::size_t page, int sample, Buffer& out) const;

  private:
    struct Handle;
    struct Pool {
        std::mutex mutex;
        std::vector<std::unique_ptr<Handle>> idle;
        Pool();
        ~Pool();
    };
    TiffFile() = default;
    static Result<std::unique_ptr<Handle>> newHandle(const std::filesystem::path& path);
    Result<void> readWith(Handle& handle, std::size_t page, int sample, Buffer& out) const;

    std::filesystem::path path_;
    TiffLayout layout_;
    std::vector<std::uint64_t> offsets_;
    std::string description_;
    double pixelsPerUnit_ = 0;
    std::size_t idleHandles_ = 0;
    std::shared_ptr<Pool> pool_;
};

}  // namespace driftscope::io
