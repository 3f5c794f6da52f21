#include "core/io/time_lapse.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "core/base/params.h"
#include "core/io/ome_zarr.h"
#include "core/io/tiff_time_lapse.h"

namespace driftscope::io {
namespace {

Result<void> mustExist(const std::filesystem::path& path) {
    std::error_code code;
    if (std::filesystem::exists(path, code)) return {};
    return fail(ErrorCode::NotFound, fmt::format("{} does not exist.", path.string()), "Check the path.");
}

tl::unexpected<Error> unknownFormat(const std::filesystem::path& path) {
    return fail(ErrorCode::BadInput, fmt::format("{} is neither an OME-Zarr folder nor TIFF.", path.string()),
                "Choose an OME-Zarr plate or image, a TIFF stack, or a folder of TIFF frames.");
}

bool holdsTiff(const std::filesystem::path& path) {
    std::error_code code;
    std::size_t others = 0;
    return std::filesystem::is_directory(path, code) ? !tiffFrames(path, others).empty() : isTiffName(path);
}

tl::unexpected<Error> noSuchField(const std::filesystem::path& path, const std::string& name, const std::vector<std::string>& known) {
    const std::string nearest = nearestName(name, known);
    return fail(ErrorCode::NotFound, fmt::format("{} has no field of view '{}'.", path.string(), name),
                fmt::format("Did you mean '{}'? It has {} in all.", nearest.empty() ? known.front() : nearest, known.size()));
}

}  // namespace

Result<std::vector<FloatImage>> TimeLapse::stack(std::int64_t t, std::int64_t c, std::int64_t zBegin, std::int64_t zEnd, const Region& region) const {
    const CropRequest request{t, c, zBegin, zEnd, region};
    DS_ASSIGN(auto stacks, crops(std::span(&request, 1)));
    return std::move(stacks.front());
}

Result<std::vector<std::vector<FloatImage>>> TimeLapse::crops(std::span<const CropRequest> requests, ThreadTeam*) const {
    using Place = std::tuple<std::int64_t, std::int64_t, std::int64_t>;
    std::map<Place, std::vector<std::size_t>> windows;  // which requests cut something out of a plane
    std::vector<std::vector<FloatImage>> result(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const CropRequest& crop = requests[i];
        const Region& region = crop.region;
        if (region.y < 0 || region.x < 0 || region.height < 1 || region.width < 1 || region.height > info().height() - region.y ||
            region.width > info().width() - region.x || crop.zBegin >= crop.zEnd)
            return fail(ErrorCode::BadInput,
                        fmt::format("{}: rows {}+{}, columns {}+{}, planes {} to {} are not inside the image of {} x {} x {}.", path().string(), region.y,
                                    region.height, region.x, region.width, crop.zBegin, crop.zEnd, info().depth(), info().height(), info().width()));
        for (std::int64_t z = crop.zBegin; z < crop.zEnd; ++z) {
            windows[{crop.t, crop.c, z}].push_back(i);
            result[i].emplace_back(region.width, region.height);
        }
    }
    for (const auto& [place, askers] : windows) {
        const auto [t, c, z] = place;
        DS_ASSIGN(const FloatImage whole, plane(t, c, z));
        for (const std::size_t i : askers) {
            const Region& region = requests[i].region;
            FloatImage& image = result[i][static_cast<std::size_t>(z - requests[i].zBegin)];
            for (int y = 0; y < region.height; ++y) {
                const auto row = whole.pixels.begin() + static_cast<std::ptrdiff_t>(region.y + y) * whole.width + region.x;
                std::copy_n(row, region.width, image.pixels.begin() + static_cast<std::ptrdiff_t>(y) * region.width);
            }
        }
    }
    return result;
}

Result<FloatImage> TimeLapse::planeBy(ThreadTeam&, std::int64_t t, std::int64_t c, std::int64_t z) const {
    return plane(t, c, z);
}

Result<LabelImage> TimeLapse::labelsBy(ThreadTeam&, std::int64_t t, std::int64_t c, std::int64_t z) const {
    return labels(t, c, z);
}

Result<TimeLapseListing> listTimeLapses(const std::filesystem::path& path) {
    DS_TRY(mustExist(path));
    TimeLapseListing listing;
    if (isZarr(path)) {
        DS_ASSIGN(listing, listOmeImages(path));
        if (!listing.names.front().empty()) return listing;
        DS_ASSIGN(const auto only, openOmeImage(path, ""));
        listing.names.front() = only->info().name;
        return listing;
    }
    if (!holdsTiff(path)) return unknownFormat(path);
    DS_ASSIGN(const auto only, openTiff(path, listing.warnings));
    listing.names.push_back(only->info().name);
    return listing;
}

Result<std::shared_ptr<const TimeLapse>> openTimeLapse(const std::filesystem::path& path, const std::string& name) {
    DS_TRY(mustExist(path));
    // Listing reads every well of a plate; a name that is there needs no listing.
    if (!name.empty() && mayHaveZarrAttributes(path / name)) return openOmeImage(path, name);
    std::shared_ptr<const TimeLapse> first;
    if (isZarr(path)) {
        DS_ASSIGN(const TimeLapseListing images, listOmeImages(path));
        if (!name.empty() && !images.names.front().empty()) return noSuchField(path, name, images.names);
        DS_ASSIGN(first, openOmeImage(path, images.names.front()));
    } else {
        if (!holdsTiff(path)) return unknownFormat(path);
        std::vector<std::string> warnings;  // listTimeLapses() tells them
        DS_ASSIGN(first, openTiff(path, warnings));
    }
    if (!name.empty() && name != first->info().name) return noSuchField(path, name, {first->info().name});
    return first;
}

}  // namespace driftscope::io
