#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/time_lapse.h"
#include "core/io/zarr_metadata.h"

namespace driftscope::io {

/// What the attributes of an OME-Zarr image (v0.1 to v0.5) say about its full-resolution array.
struct OmeImage {
    std::string arrayPath;                 ///< relative to the image, usually "0"
    std::array<int, 5> axes{};             ///< dimension of T, C, Z, Y, X in the array; -1 when absent
    TimeLapseInfo info;                    ///< without name
};

/// The attributes of a group or array: `.zattrs` (v2), or those in `zarr.json` (v3), where what OME-Zarr 0.5 keeps under "ome"
/// stands beside the others, as in 0.4. An empty object when there are none. Errors: damaged JSON.
Result<nlohmann::json> zarrAttributes(const std::filesystem::path& folder);
/// True when the folder is a group or an array that may have attributes.
bool mayHaveZarrAttributes(const std::filesystem::path& folder);
/// True when the folder is an array of either version.
bool isZarrArray(const std::filesystem::path& folder);

/// The folder named by a path inside a Zarr hierarchy. Errors: absolute paths and "..", which would leave it.
Result<std::filesystem::path> insideOf(const std::filesystem::path& root, const std::string& relative, const std::string& place);

/// Where the full-resolution array of an image lies ("0"), from its attributes.
std::string omeArrayPath(const nlohmann::json& attributes);

/// Combines an image's attributes with its array. Errors name `place`: axes that are not T, C, Z, Y, X, or X before Y,
/// or planes larger than 2^30 pixels.
Result<OmeImage> describeOmeImage(const nlohmann::json& attributes, const ZarrMetadata& array, const std::string& place);

/// True when the folder is a Zarr group or array of any version.
bool isZarr(const std::filesystem::path& folder);

/// The images under an HCS plate, a well, a bioformats2raw collection, or the folder itself when it is an image (name "").
/// Images that are listed but absent are warned about.
Result<TimeLapseListing> listOmeImages(const std::filesystem::path& root);

/// Opens one image of listOmeImages().
Result<std::shared_ptr<const TimeLapse>> openOmeImage(const std::filesystem::path& root, const std::string& name);

}  // namespace driftscope::io
