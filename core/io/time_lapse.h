#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/image.h"

namespace driftscope {
class ThreadTeam;
}

namespace driftscope::io {

/// One channel as its file describes it.
struct ChannelInfo {
    std::string name;                 ///< omero label, or "channel 0"
    std::uint32_t color = 0xFFFFFF;   ///< 0xRRGGBB
    double windowStart = 0;           ///< suggested contrast limits, in pixel values
    double windowEnd = 0;             ///< equal to windowStart when the file does not say
};

/// Extent and physical scale of a T, C, Z, Y, X array.
struct TimeLapseInfo {
    std::string name;                            ///< "A/1/0", or the file's name: the fov_name of tables
    std::array<std::int64_t, 5> shape{};         ///< T, C, Z, Y, X
    std::vector<ChannelInfo> channels;           ///< shape[1] entries
    std::array<double, 5> scale{1, 1, 1, 1, 1};  ///< physical size of one step along each axis
    std::array<std::string, 5> unit{};           ///< "minute", "micrometer"; empty when the file does not say
    std::string pixelType;                       ///< "uint16", "float32", …

    std::int64_t frames() const { return shape[0]; }
    std::int64_t depth() const { return shape[2]; }
    int height() const { return static_cast<int>(shape[3]); }
    int width() const { return static_cast<int>(shape[4]); }
};

/// A rectangle of pixels: rows y … y + height - 1, columns x … x + width - 1.
struct Region {
    int y = 0;
    int x = 0;
    int height = 0;
    int width = 0;
};

/// One window of one stack: the planes zBegin … zEnd - 1 of frame t, channel c, cut to `region`.
struct CropRequest {
    std::int64_t t = 0;
    std::int64_t c = 0;
    std::int64_t zBegin = 0;
    std::int64_t zEnd = 1;
    Region region;
};

/// A chunked, lazily read image sequence: an OME-Zarr position, a TIFF stack or a folder of TIFF frames.
/// Thread-safe: several threads may read at once. Nothing is kept in memory; caches belong to the caller.
class TimeLapse {
  public:
    virtual ~TimeLapse() = default;
    virtual const TimeLapseInfo& info() const = 0;
    virtual const std::filesystem::path& path() const = 0;

    /// One Y x X plane as float32 (exact for 8 and 16 bit). Errors: index out of range, damaged chunk (named).
    virtual Result<FloatImage> plane(std::int64_t t, std::int64_t c, std::int64_t z) const = 0;
    /// Windows of stacks, in the order asked for: the crops of a track, or of all cells of a frame. Regions must lie inside
    /// the plane. Reads only what is needed, and what several windows need once; a team shares the work.
    /// Memory: all results at once.
    virtual Result<std::vector<std::vector<FloatImage>>> crops(std::span<const CropRequest> requests, ThreadTeam* team = nullptr) const;
    /// True when a window costs clearly less than its plane.
    virtual bool readsWindows() const { return false; }
    /// One of them.
    Result<std::vector<FloatImage>> stack(std::int64_t t, std::int64_t c, std::int64_t zBegin, std::int64_t zEnd, const Region& region) const;
    /// One plane of integer labels. Errors: the pixels are not whole numbers, negative, or above 2^32 - 1.
    virtual Result<LabelImage> labels(std::int64_t t, std::int64_t c, std::int64_t z) const = 0;

    /// plane() and labels() for someone who waits: chunked formats decode on all threads of the team.
    virtual Result<FloatImage> planeBy(ThreadTeam& team, std::int64_t t, std::int64_t c, std::int64_t z) const;
    virtual Result<LabelImage> labelsBy(ThreadTeam& team, std::int64_t t, std::int64_t c, std::int64_t z) const;
};

/// The fields of view found at a path.
struct TimeLapseListing {
    std::vector<std::string> names;      ///< "A/1/0", in plate order; one entry for plain files
    std::vector<std::string> warnings;   ///< what was skipped and why
};

/// What can be opened at `path`: an OME-Zarr HCS plate, a single OME-Zarr image, a TIFF file, or a folder of TIFF frames
/// (sorted naturally by name; one frame each).
Result<TimeLapseListing> listTimeLapses(const std::filesystem::path& path);

/// Opens one field of view by its listed name; empty name opens the first.
Result<std::shared_ptr<const TimeLapse>> openTimeLapse(const std::filesystem::path& path, const std::string& name = {});

}  // namespace driftscope::io
