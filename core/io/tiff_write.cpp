#include "core/io/tiff_write.h"

#include <tiffio.h>

#include <algorithm>

#include "core/base/atomic_file.h"

namespace driftscope::io {
namespace {

bool writePage(TIFF* file, const LabelImage& labels) {
    TIFFSetField(file, TIFFTAG_IMAGEWIDTH, labels.width);
    TIFFSetField(file, TIFFTAG_IMAGELENGTH, labels.height);
    TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, 16);
    TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(file, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    TIFFSetField(file, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(file, TIFFTAG_COMPRESSION, COMPRESSION_LZW);
    TIFFSetField(file, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(file, 0));
    std::vector<std::uint16_t> row(static_cast<std::size_t>(labels.width));
    for (int y = 0; y < labels.height; ++y) {
        for (int x = 0; x < labels.width; ++x) row[static_cast<std::size_t>(x)] = static_cast<std::uint16_t>(labels.at(y, x));
        if (TIFFWriteScanline(file, row.data(), static_cast<std::uint32_t>(y), 0) < 0) return false;
    }
    return TIFFFlush(file) != 0;
}

}  // namespace

Result<void> writeTiffLabels(const std::filesystem::path& path, const LabelImage& labels) {
    const auto large = std::find_if(labels.pixels.begin(), labels.pixels.end(), [](std::uint32_t label) { return label > 65535; });
    if (large != labels.pixels.end())
        return fail(ErrorCode::BadInput, fmt::format("{}: label {} does not fit 16 bits.", path.string(), *large), "Renumber the tracks, or choose a format with larger labels.");
    const auto temporary = temporaryBeside(path);
    TIFF* file = TIFFOpen(temporary.c_str(), "w");
    if (!file) return fail(ErrorCode::Io, fmt::format("Cannot write {}.", path.string()), "Check the folder's permissions.");
    const bool done = writePage(file, labels);
    TIFFClose(file);
    if (done) return commitFile(temporary, path);
    std::error_code code;
    std::filesystem::remove(temporary, code);
    return fail(ErrorCode::Io, fmt::format("Cannot write {}.", path.string()), "Check free space and permissions.");
}

}  // namespace driftscope::io
