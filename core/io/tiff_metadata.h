#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace driftscope::io {

/// What a TIFF's description says about the meaning of its pages.
struct TiffMeaning {
    std::array<std::int64_t, 3> extent{0, 1, 1};           ///< T, C, Z; T = 0 when nothing is said
    std::string order = "CZT";                             ///< page index, fastest axis first
    std::array<double, 5> scale{1, 1, 1, 1, 1};            ///< T, C, Z, Y, X
    std::array<std::string, 5> unit{};
    std::vector<std::string> channels;                     ///< names, as far as given
    bool slicesAsFrames = false;                           ///< a stack without frames, read as a movie
};

/// Reads the descriptions of ImageJ, OME-XML and tifffile. A description that does not account for exactly `pages` pages
/// is taken as saying nothing. `pixelsPerUnit` is the file's resolution, which ImageJ uses for its own unit.
TiffMeaning interpretTiff(const std::string& description, std::size_t pages, double pixelsPerUnit);

}  // namespace driftscope::io
