#pragma once

namespace driftscope::io {

enum class OmeVersion {
    V04,  ///< Zarr v2
    V05,  ///< Zarr v3
};

/// How plates are written.
struct PlateFormat {
    OmeVersion version = OmeVersion::V04;
    bool sharded = false;  ///< 0.5 only: one file per z-stack, with chunks of at most 16 x 256 x 256 in it
    int levels = 1;        ///< resolutions; each halves height and width of the one before
};

}  // namespace driftscope::io
