#include "core/cells/movie.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace driftscope::cells {
namespace {

/// Names of plate positions have three parts; everything else gets the first position of a new plate.
std::string positionOf(const std::string& name) {
    const bool threeParts = std::ranges::count(name, '/') == 2 && name.front() != '/' && name.back() != '/' &&
                            name.find("//") == std::string::npos;
    return threeParts ? name : "A/1/0";
}

std::optional<std::int64_t> index(const std::string& text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

Result<std::vector<std::string>> chosenNames(const std::filesystem::path& path, const io::TimeLapseListing& listing,
                                             const std::vector<std::string>& positions) {
    if (listing.names.empty())
        return fail(ErrorCode::NotFound, fmt::format("{} has no images", path.string()),
                    "Choose an OME-Zarr plate, a TIFF file or a folder of TIFF frames.");
    if (positions.empty()) return listing.names;
    for (const std::string& wanted : positions)
        if (std::ranges::find(listing.names, wanted) == listing.names.end())
            return fail(ErrorCode::NotFound, fmt::format("{} has no position '{}' (it has: {})", path.string(), wanted,
                                                         fmt::join(listing.names, ", ")));
    return positions;
}

}  // namespace

Result<std::vector<Movie>> openMovies(const std::filesystem::path& path, const std::vector<std::string>& positions,
                                      std::vector<std::string>& warnings) {
    DS_ASSIGN(const auto listing, io::listTimeLapses(path));
    warnings.insert(warnings.end(), listing.warnings.begin(), listing.warnings.end());
    DS_ASSIGN(const auto names, chosenNames(path, listing, positions));
    std::vector<Movie> movies;
    std::set<std::string> taken;
    for (const std::string& name : names) {
        DS_ASSIGN(auto lapse, io::openTimeLapse(path, name));
        Movie movie{std::move(lapse), positionOf(name)};
        if (!taken.insert(movie.position).second)
            return fail(ErrorCode::BadInput,
                        fmt::format("Two fields of view of {} would become position {}", path.string(), movie.position),
                        "Choose one with 'positions'.");
        movies.push_back(std::move(movie));
    }
    return movies;
}

Result<std::int64_t> findChannel(const io::TimeLapseInfo& info, const std::string& text) {
    std::vector<std::string> names;
    for (const io::ChannelInfo& channel : info.channels) names.push_back(channel.name);
    if (const auto named = std::ranges::find(names, text); named != names.end()) return named - names.begin();
    if (const auto number = index(text); number && *number >= 0 && *number < info.shape[1]) return *number;
    return fail(
        ErrorCode::BadInput,
        fmt::format("{} has no channel '{}' (it has {}: {})", info.name, text, info.shape[1], fmt::join(names, ", ")),
        "Give a channel's name, or its number counted from 0.");
}

Result<SliceChoice> findSlice(const io::TimeLapseInfo& info, const std::string& text) {
    if (text == "max") return SliceChoice();
    if (const auto number = index(text); number && *number >= 0 && *number < info.depth()) return SliceChoice(*number);
    return fail(ErrorCode::BadInput, fmt::format("{} has no slice '{}' (it has {})", info.name, text, info.depth()),
                "Give 'max' for the maximum projection, or a slice's number counted from 0.");
}

Result<io::FloatImage> readFrame(const io::TimeLapse& lapse, std::int64_t t, std::int64_t channel, SliceChoice slice) {
    if (slice) return lapse.plane(t, channel, *slice);
    DS_ASSIGN(io::FloatImage highest, lapse.plane(t, channel, 0));
    for (std::int64_t z = 1; z < lapse.info().depth(); ++z) {
        DS_ASSIGN(const io::FloatImage plane, lapse.plane(t, channel, z));
        for (std::size_t i = 0; i < highest.pixels.size(); ++i)
            highest.pixels[i] = std::fmax(highest.pixels[i], plane.pixels[i]);
    }
    return highest;
}

Result<io::LabelImage> readLabels(const io::TimeLapse& lapse, std::int64_t t, std::int64_t channel, SliceChoice slice) {
    if (slice) return lapse.labels(t, channel, *slice);
    DS_ASSIGN(io::LabelImage highest, lapse.labels(t, channel, 0));
    for (std::int64_t z = 1; z < lapse.info().depth(); ++z) {
        DS_ASSIGN(const io::LabelImage plane, lapse.labels(t, channel, z));
        for (std::size_t i = 0; i < highest.pixels.size(); ++i)
            highest.pixels[i] = std::max(highest.pixels[i], plane.pixels[i]);
    }
    return highest;
}

io::TimeLapseInfo maskInfo(const Movie& movie, const std::string& channelName) {
    io::TimeLapseInfo info = movie.lapse->info();
    info.name = movie.position;
    info.shape[1] = info.shape[2] = 1;
    info.channels = {io::ChannelInfo{.name = channelName}};
    info.pixelType = "uint32";
    return info;
}

std::vector<ParamSpec> movieParams() {
    return {
        {.name = "channel",
         .type = ParamType::Text,
         .fallback = "0",
         .help = "The channel that shows the cells, by name or by number counted from 0."},
        {.name = "z",
         .type = ParamType::Text,
         .fallback = "max",
         .help = "Of image stacks: 'max' for the maximum projection, or a slice counted from 0."},
        {.name = "positions",
         .type = ParamType::TextList,
         .fallback = nlohmann::json::array(),
         .help = "Only these fields of view of a plate, for example A/1/0; empty is all."},
    };
}

}  // namespace driftscope::cells
