#include "core/io/ome_zarr.h"

#include <algorithm>
#include <cctype>
#include <limits>

#include "core/io/json_access.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* kAxisNames[] = {"t", "c", "z", "y", "x"};
constexpr std::int64_t kMaximumPlane = std::int64_t{1} << 30;
constexpr std::int64_t kMaximumChannels = 65'536;

struct Axis {
    std::string name;
    std::string unit;
};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

const json& firstMultiscale(const json& attributes) {
    static const json none = json::object();
    const json& list = arrayMember(attributes, "multiscales");
    return list.empty() ? none : list.front();
}

/// The axes as the file names them (v0.3 lists texts, v0.4 objects); the last of TCZYX when it does not.
std::vector<Axis> axesOf(const json& multiscale, std::size_t rank) {
    std::vector<Axis> axes;
    for (const json& axis : arrayMember(multiscale, "axes")) {
        const std::string name = lower(axis.is_string() ? axis.get<std::string>() : textMember(axis, "name"));
        const std::string type = textMember(axis, "type");
        const std::string known = type == "time" ? "t" : type == "channel" ? "c" : name;
        axes.push_back({known, textMember(axis, "unit")});
    }
    if (axes.empty() && rank <= 5)
        for (std::size_t i = 5 - rank; i < 5; ++i) axes.push_back({kAxisNames[i], ""});
    return axes;
}

/// Multiplies the scales of a list of coordinate transformations into `scale`, one entry per axis.
void applyScales(const json& owner, std::vector<double>& scale) {
    for (const json& transformation : arrayMember(owner, "coordinateTransformations")) {
        const json& factors = arrayMember(transformation, "scale");
        if (textMember(transformation, "type") != "scale" || factors.size() != scale.size()) continue;
        for (std::size_t i = 0; i < scale.size(); ++i)
            if (factors[i].is_number() && factors[i].get<double>() > 0) scale[i] *= factors[i].get<double>();
    }
}

Result<std::array<int, 5>> mapAxes(const std::vector<Axis>& axes, const ZarrMetadata& array, const std::string& place) {
    if (axes.size() != array.shape.size())
        return fail(ErrorCode::BadInput, fmt::format("{}: {} axes are named, but the array has {} dimensions.", place, axes.size(), array.shape.size()),
                    "The image's attributes and its array contradict each other.");
    std::array<int, 5> map{-1, -1, -1, -1, -1};
    for (std::size_t dimension = 0; dimension < axes.size(); ++dimension) {
        const auto found = std::find(std::begin(kAxisNames), std::end(kAxisNames), axes[dimension].name);
        const auto axis = static_cast<std::size_t>(found - std::begin(kAxisNames));
        if (axis == 5 && array.shape[dimension] == 1) continue;
        if (axis == 5 || map[axis] >= 0)
            return fail(ErrorCode::Unsupported, fmt::format("{}: axis '{}' is unknown or given twice.", place, axes[dimension].name), "Axes must be t, c, z, y and x.");
        map[axis] = static_cast<int>(dimension);
    }
    if (map[3] < 0 || map[4] < 0 || map[3] > map[4])
        return fail(ErrorCode::Unsupported, fmt::format("{}: the image has no y axis followed by an x axis.", place), "Store it as TCZYX.");
    return map;
}

std::uint32_t parseColor(const std::string& text) {
    const std::string digits = text.starts_with('#') ? text.substr(1) : text;
    if (digits.size() < 6 || !std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isxdigit(c); })) return 0xFFFFFF;
    return static_cast<std::uint32_t>(std::stoul(digits.substr(0, 6), nullptr, 16));
}

std::vector<ChannelInfo> channelsOf(const json& attributes, std::int64_t count) {
    const json& list = arrayMember(objectMember(attributes, "omero"), "channels");
    std::vector<ChannelInfo> channels(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < channels.size(); ++i) {
        channels[i].name = fmt::format("channel {}", i);
        if (i >= list.size()) continue;
        if (const std::string label = textMember(list[i], "label"); !label.empty()) channels[i].name = label;
        channels[i].color = parseColor(textMember(list[i], "color"));
        const json& window = objectMember(list[i], "window");
        channels[i].windowStart = numberMember(window, "start", 0);
        channels[i].windowEnd = numberMember(window, "end", channels[i].windowStart);
    }
    return channels;
}

Result<void> checkExtents(const std::array<std::int64_t, 5>& shape, const std::string& place) {
    const bool fits = shape[3] <= kMaximumPlane && shape[4] <= kMaximumPlane / std::max<std::int64_t>(shape[3], 1);
    if (std::any_of(shape.begin(), shape.end(), [](std::int64_t extent) { return extent < 1; }))
        return fail(ErrorCode::BadInput, fmt::format("{}: the image is empty ({}).", place, fmt::join(shape, " x ")), "Check how it was written.");
    if (!fits || shape[1] > kMaximumChannels)
        return fail(ErrorCode::Unsupported, fmt::format("{}: the image of {} is too large to show plane by plane.", place, fmt::join(shape, " x ")), "Tile it.");
    return {};
}

}  // namespace

Result<json> zarrAttributes(const fs::path& folder) {
    std::error_code code;
    if (fs::exists(folder / ".zattrs", code)) return readJson(folder / ".zattrs");
    if (!fs::exists(folder / "zarr.json", code)) return json::object();
    DS_ASSIGN(const json document, readJson(folder / "zarr.json"));
    json attributes = objectMember(document, "attributes");
    const json ome = objectMember(attributes, "ome");
    attributes.erase("ome");
    attributes.update(ome);
    return attributes;
}

bool mayHaveZarrAttributes(const fs::path& folder) {
    std::error_code code;
    return fs::exists(folder / ".zattrs", code) || fs::exists(folder / "zarr.json", code);
}

bool isZarrArray(const fs::path& folder) {
    std::error_code code;
    if (fs::exists(folder / ".zarray", code)) return true;
    if (!fs::exists(folder / "zarr.json", code)) return false;
    const auto document = readJson(folder / "zarr.json");
    return document && textMember(*document, "node_type") == "array";
}

Result<fs::path> insideOf(const fs::path& root, const std::string& relative, const std::string& place) {
    const fs::path path(relative);
    const bool climbs = std::any_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
    if (relative.empty() || path.is_absolute() || climbs)
        return fail(ErrorCode::BadInput, fmt::format("{} refers to '{}', outside itself.", place, relative), "The metadata are damaged: copy the data again.");
    return root / path;
}

std::string omeArrayPath(const json& attributes) {
    const json& datasets = arrayMember(firstMultiscale(attributes), "datasets");
    return datasets.empty() ? "0" : textMember(datasets.front(), "path", "0");
}

Result<OmeImage> describeOmeImage(const json& attributes, const ZarrMetadata& array, const std::string& place) {
    const json& multiscale = firstMultiscale(attributes);
    const std::vector<Axis> axes = axesOf(multiscale, array.shape.size());
    OmeImage image;
    DS_ASSIGN(image.axes, mapAxes(axes, array, place));
    image.arrayPath = omeArrayPath(attributes);
    std::vector<double> scale(axes.size(), 1.0);
    const json& datasets = arrayMember(multiscale, "datasets");
    if (!datasets.empty()) applyScales(datasets.front(), scale);
    applyScales(multiscale, scale);
    for (std::size_t axis = 0; axis < 5; ++axis) {
        const auto dimension = static_cast<std::size_t>(image.axes[axis]);
        image.info.shape[axis] = image.axes[axis] < 0 ? 1 : array.shape[dimension];
        if (image.axes[axis] < 0) continue;
        image.info.scale[axis] = scale[dimension];
        image.info.unit[axis] = axes[dimension].unit;
    }
    DS_TRY(checkExtents(image.info.shape, place));
    image.info.channels = channelsOf(attributes, image.info.shape[1]);
    image.info.pixelType = array.type.name();
    return image;
}

}  // namespace driftscope::io
