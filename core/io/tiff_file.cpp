#include "core/io/tiff_file.h"

#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <optional>

#include "core/io/checked_size.h"

namespace driftscope::io {

/// An open libtiff handle and the last thing it complained about.
struct TiffFile::Handle {
    std::string complaint;
    TIFF* tiff = nullptr;

    ~Handle() {
        if (tiff) TIFFClose(tiff);
    }
};

TiffFile::Pool::Pool() = default;
TiffFile::Pool::~Pool() = default;

namespace {

constexpr std::size_t kMaximumPages = 1'000'000;
constexpr std::int64_t kMaximumPixels = std::int64_t{1} << 30;
constexpr tmsize_t kMaximumAllocation = tmsize_t{1} << 31;

int keepError(TIFF*, void* user, const char*, const char* format, va_list arguments) {
    char text[512];
    std::vsnprintf(text, sizeof text, format, arguments);
    *static_cast<std::string*>(user) = text;
    return 1;
}

int dropWarning(TIFF*, void*, const char*, const char*, va_list) {
    return 1;  // unknown tags of microscopes
}

tl::unexpected<Error> damaged(const std::string& place, const std::string& what) {
    return fail(ErrorCode::BadInput, fmt::format("{}: {}.", place, what.empty() ? "the TIFF data are damaged" : what), "Open it in Fiji and save it again as TIFF.");
}

template <class T>
T field(TIFF* tiff, std::uint32_t tag) {
    T value{};
    TIFFGetFieldDefaulted(tiff, tag, &value);
    return value;
}

std::optional<NumberType> typeOf(int bits, int format) {
    const std::string kind = format == SAMPLEFORMAT_INT ? "int" : format == SAMPLEFORMAT_IEEEFP ? "float" : format == SAMPLEFORMAT_UINT || format == SAMPLEFORMAT_VOID ? "uint" : "";
    if (kind.empty() || (kind == "float" && bits == 8)) return std::nullopt;
    return numberTypeFromName(kind + std::to_string(bits));
}

bool isColor(int photometric) {
    return photometric == PHOTOMETRIC_RGB || photometric == PHOTOMETRIC_YCBCR;
}

/// The layout of the current directory.
Result<TiffLayout> layoutOf(TIFF* tiff, const std::string& place) {
    TiffLayout layout;
    layout.width = field<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH);
    layout.height = field<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH);
    if (layout.width < 1 || layout.height < 1 || layout.height > kMaximumPixels / layout.width)
        return damaged(place, fmt::format("a page of {} x {} pixels cannot be shown", layout.width, layout.height));
    const int bits = field<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE);
    const int format = field<std::uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT);
    const auto type = typeOf(bits, format);
    if (!type)
        return fail(ErrorCode::Unsupported, fmt::format("{} has {} bits per pixel value (format {}).", place, bits, format), "Save it with 8, 16 or 32 bits in Fiji.");
    layout.type = *type;
    layout.samples = field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL);
    const int photometric = field<std::uint16_t>(tiff, TIFFTAG_PHOTOMETRIC);
    if (layout.samples < 1 || !checkedBytes(std::array<std::int64_t, 3>{layout.width, layout.height, layout.samples}, layout.type.size()))
        return damaged(place, "its size overflows");
    if (isColor(photometric)) layout.samples = std::min(layout.samples, 3);  // the rest is alpha
    return layout;
}

/// Copies the wanted sample of interleaved pixels out of a tile or strip into the page.
struct Unpacker {
    std::size_t numberSize;
    std::size_t stored;  ///< samples interleaved in the source
    std::size_t sample;  ///< the wanted one
    std::byte* page;
    std::size_t pageWidth;

    void copyRow(const std::byte* source, std::size_t y, std::size_t x, std::size_t count) const {
        std::byte* target = page + (y * pageWidth + x) * numberSize;
        if (stored == 1) {
            std::memcpy(target, source, count * numberSize);
            return;
        }
        for (std::size_t i = 0; i < count; ++i) std::memcpy(target + i * numberSize, source + (i * stored + sample) * numberSize, numberSize);
    }
};

bool readTiles(TIFF* tiff, const TiffLayout& layout, std::uint16_t plane, const Unpacker& unpack) {
    const auto tileWidth = field<std::uint32_t>(tiff, TIFFTAG_TILEWIDTH);
    const auto tileHeight = field<std::uint32_t>(tiff, TIFFTAG_TILELENGTH);
    const auto rowBytes = static_cast<std::size_t>(TIFFTileRowSize(tiff));
    const auto bytes = TIFFTileSize(tiff);
    if (bytes <= 0 || tileWidth == 0 || tileHeight == 0 || rowBytes < tileWidth * unpack.stored * unpack.numberSize) return false;
    std::vector<std::byte> tile(static_cast<std::size_t>(bytes));
    for (std::int64_t y = 0; y < layout.height; y += tileHeight) {
        for (std::int64_t x = 0; x < layout.width; x += tileWidth) {
            if (TIFFReadTile(tiff, tile.data(), static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 0, plane) < 0) return false;
            const auto rows = static_cast<std::size_t>(std::min<std::int64_t>(tileHeight, layout.height - y));
            const auto columns = static_cast<std::size_t>(std::min<std::int64_t>(tileWidth, layout.width - x));
            for (std::size_t row = 0; row < rows; ++row)
                unpack.copyRow(tile.data() + row * rowBytes, static_cast<std::size_t>(y) + row, static_cast<std::size_t>(x), columns);
        }
    }
    return true;
}

bool readStrips(TIFF* tiff, const TiffLayout& layout, std::uint16_t plane, const Unpacker& unpack) {
    const std::int64_t stripHeight = std::clamp<std::int64_t>(field<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP), 1, layout.height);
    const auto rowBytes = static_cast<std::size_t>(TIFFScanlineSize(tiff));
    const auto bytes = TIFFStripSize(tiff);
    if (bytes <= 0 || rowBytes < static_cast<std::size_t>(layout.width) * unpack.stored * unpack.numberSize) return false;
    std::vector<std::byte> strip(static_cast<std::size_t>(bytes));
    for (std::int64_t y = 0; y < layout.height; y += stripHeight) {
        const auto rows = static_cast<std::size_t>(std::min(stripHeight, layout.height - y));
        const auto wanted = static_cast<tmsize_t>(rows * rowBytes);
        if (wanted > bytes || TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, static_cast<std::uint32_t>(y), plane), strip.data(), wanted) != wanted) return false;
        for (std::size_t row = 0; row < rows; ++row)
            unpack.copyRow(strip.data() + row * rowBytes, static_cast<std::size_t>(y) + row, 0, static_cast<std::size_t>(layout.width));
    }
    return true;
}

}  // namespace

std::string TiffLayout::text() const {
    return fmt::format("{} x {} {}{}", width, height, type.name(), samples > 1 ? fmt::format(" x {}", samples) : "");
}

Result<std::unique_ptr<TiffFile::Handle>> TiffFile::newHandle(const std::filesystem::path& path) {
    auto handle = std::make_unique<Handle>();
    TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
    TIFFOpenOptionsSetErrorHandlerExtR(options, keepError, &handle->complaint);
    TIFFOpenOptionsSetWarningHandlerExtR(options, dropWarning, nullptr);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, kMaximumAllocation);
    handle->tiff = TIFFOpenExt(path.c_str(), "rm", options);  // m: a file that shrinks must not raise SIGBUS
    TIFFOpenOptionsFree(options);
    if (!handle->tiff) return damaged(path.string(), handle->complaint);
    return handle;
}

Result<TiffFile> TiffFile::open(const std::filesystem::path& path, std::size_t idleHandles) {
    const std::string place = path.string();
    DS_ASSIGN(auto handle, newHandle(path));
    TIFF* tiff = handle->tiff;
    TiffFile file;
    file.path_ = path;
    do {
        if (field<std::uint32_t>(tiff, TIFFTAG_SUBFILETYPE) & FILETYPE_REDUCEDIMAGE) continue;
        const std::string where = fmt::format("{}, page {}", place, file.offsets_.size());
        DS_ASSIGN(const TiffLayout layout, layoutOf(tiff, where));
        if (file.offsets_.empty()) {
            file.layout_ = layout;
            if (char* text = nullptr; TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &text) && text) file.description_ = text;
            file.pixelsPerUnit_ = static_cast<double>(field<float>(tiff, TIFFTAG_XRESOLUTION));
        } else if (layout != file.layout_) {
            return fail(ErrorCode::BadInput, fmt::format("{} is {}, but the first page is {}.", where, layout.text(), file.layout_.text()), "All frames of a movie must have one size and type.");
        }
        if (file.offsets_.size() >= kMaximumPages) return damaged(place, "it has more than a million pages");
        file.offsets_.push_back(TIFFCurrentDirOffset(tiff));
    } while (TIFFReadDirectory(tiff));
    if (!handle->complaint.empty()) return damaged(place, handle->complaint);
    if (file.offsets_.empty()) return damaged(place, "it has no pages");
    file.pool_ = std::make_shared<Pool>();
    file.idleHandles_ = idleHandles;
    if (idleHandles > 0) file.pool_->idle.push_back(std::move(handle));
    return file;
}

Result<void> TiffFile::readWith(Handle& handle, std::size_t page, int sample, Buffer& out) const {
    TIFF* tiff = handle.tiff;
    const std::string where = fmt::format("{}, page {}", path_.string(), page);
    handle.complaint.clear();
    if (!TIFFSetSubDirectory(tiff, offsets_[page])) return damaged(where, handle.complaint);
    if (field<std::uint16_t>(tiff, TIFFTAG_COMPRESSION) == COMPRESSION_JPEG && field<std::uint16_t>(tiff, TIFFTAG_PHOTOMETRIC) == PHOTOMETRIC_YCBCR)
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    DS_ASSIGN(const TiffLayout layout, layoutOf(tiff, where));
    if (layout != layout_) return damaged(where, "the file changed while it was open");
    const bool separate = field<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE;
    const auto page8 = out.prepare(static_cast<std::size_t>(layout.width * layout.height) * layout.type.size());
    const Unpacker unpack{layout.type.size(), separate ? 1u : field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL), separate ? 0u : static_cast<std::size_t>(sample), page8.data(),
                          static_cast<std::size_t>(layout.width)};
    const auto plane = static_cast<std::uint16_t>(separate ? sample : 0);
    const bool done = TIFFIsTiled(tiff) ? readTiles(tiff, layout, plane, unpack) : readStrips(tiff, layout, plane, unpack);
    if (!done) return damaged(where, handle.complaint);
    return {};
}

Result<void> TiffFile::read(std::size_t page, int sample, Buffer& out) const {
    std::unique_ptr<Handle> handle;
    {
        const std::lock_guard lock(pool_->mutex);
        if (!pool_->idle.empty()) {
            handle = std::move(pool_->idle.back());
            pool_->idle.pop_back();
        }
    }
    if (!handle) {
        DS_ASSIGN(handle, newHandle(path_));
    }
    auto result = readWith(*handle, page, sample, out);
    const std::lock_guard lock(pool_->mutex);
    if (pool_->idle.size() < idleHandles_) pool_->idle.push_back(std::move(handle));
    return result;
}

}  // namespace driftscope::io
