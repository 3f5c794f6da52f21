#include <algorithm>

#include "core/io/json_access.h"
#include "core/io/natural_order.h"
#include "core/io/ome_zarr.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kMaximumWarnings = 100;

bool isThere(const fs::path& path) {
    std::error_code code;
    return fs::exists(path, code);
}

void warn(TimeLapseListing& listing, std::string text) {
    if (listing.warnings.size() < kMaximumWarnings) listing.warnings.push_back(std::move(text));
}

/// Adds the images a well lists, each as prefix + its path.
void listWell(const fs::path& well, const std::string& prefix, TimeLapseListing& listing) {
    const auto attributes = zarrAttributes(well);
    if (!attributes) return warn(listing, attributes.error().text());
    const json& images = arrayMember(objectMember(*attributes, "well"), "images");
    if (images.empty()) return warn(listing, fmt::format("The well {} is listed by the plate, but has no images.", well.string()));
    for (const json& image : images) {
        const std::string path = textMember(image, "path");
        const auto folder = insideOf(well, path, well.string());
        if (!folder) {
            warn(listing, folder.error().text());
        } else if (!mayHaveZarrAttributes(*folder)) {
            warn(listing, fmt::format("The image {} is listed by its well, but is not there.", folder->string()));
        } else {
            listing.names.push_back(prefix + path);
        }
    }
}

void listPlate(const fs::path& root, const json& plate, TimeLapseListing& listing) {
    for (const json& well : arrayMember(plate, "wells")) {
        const std::string path = textMember(well, "path");
        if (const auto folder = insideOf(root, path, root.string()))
            listWell(*folder, path + "/", listing);
        else
            warn(listing, folder.error().text());
    }
}

/// Images 0, 1, … side by side, as bioformats2raw writes the series of one file.
Result<void> listSeries(const fs::path& root, TimeLapseListing& listing) {
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(root, code)) {
        const auto attributes = zarrAttributes(entry.path());
        if (attributes && !arrayMember(*attributes, "multiscales").empty()) listing.names.push_back(entry.path().filename().string());
    }
    if (code) return fail(ErrorCode::Io, fmt::format("Cannot list {}: {}.", root.string(), code.message()), "Check its permissions.");
    std::sort(listing.names.begin(), listing.names.end(), naturallyBefore);
    return {};
}

}  // namespace

bool isZarr(const fs::path& folder) {
    return isThere(folder / ".zgroup") || isThere(folder / ".zattrs") || isThere(folder / ".zarray") || isThere(folder / "zarr.json");
}

Result<TimeLapseListing> listOmeImages(const fs::path& root) {
    DS_ASSIGN(const json attributes, zarrAttributes(root));
    TimeLapseListing listing;
    if (const json* plate = member(attributes, "plate")) {
        listPlate(root, *plate, listing);
    } else if (member(attributes, "well")) {
        listWell(root, "", listing);
    } else if (!arrayMember(attributes, "multiscales").empty() || isZarrArray(root)) {
        listing.names.emplace_back();
    } else {
        DS_TRY(listSeries(root, listing));
    }
    if (listing.names.empty())
        return fail(ErrorCode::BadInput,
                    fmt::format("{} holds no OME-Zarr image{}.", root.string(), listing.warnings.empty() ? "" : ": " + listing.warnings.front()),
                    "Choose an OME-Zarr plate or image, the folder with .zattrs or zarr.json.");
    return listing;
}

}  // namespace driftscope::io
