#include "core/io/tiff_metadata.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/io/json_access.h"

namespace driftscope::io {
namespace {

constexpr std::int64_t kMaximumExtent = 1'000'000;

double number(std::string_view text, double fallback) {
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    return code == std::errc() && end != text.data() ? value : fallback;
}

std::int64_t extent(std::string_view text) {
    const double value = number(text, 1);
    return value >= 1 && value <= kMaximumExtent ? static_cast<std::int64_t>(value) : 1;
}

std::string unitName(std::string text) {
    if (text == "um" || text == "micron" || text == "microns" || text == "\\u00B5m" || text == "\xC2\xB5m" || text == "\xB5m") return "micrometer";
    if (text == "s" || text == "sec") return "second";
    if (text == "min") return "minute";
    if (text == "nm") return "nanometer";
    return text == "pixel" || text == "pixels" ? std::string() : text;
}

/// The value of `key=` on a line of its own.
std::string_view lineValue(std::string_view text, std::string_view key) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == '=') return line.substr(key.size() + 1);
        at = end + 1;
    }
    return {};
}

TiffMeaning fromImageJ(std::string_view text, double pixelsPerUnit) {
    TiffMeaning meaning;
    const std::int64_t slices = extent(lineValue(text, "slices"));
    const bool framed = !lineValue(text, "frames").empty();
    meaning.extent = {framed ? extent(lineValue(text, "frames")) : slices, extent(lineValue(text, "channels")), framed ? slices : 1};
    meaning.slicesAsFrames = !framed && slices > 1;
    meaning.scale[0] = number(lineValue(text, "finterval"), 1);
    if (!lineValue(text, "finterval").empty()) meaning.unit[0] = "second";
    meaning.scale[2] = number(lineValue(text, "spacing"), 1);
    const std::string unit = unitName(std::string(lineValue(text, "unit")));
    if (!unit.empty() && pixelsPerUnit > 0) {
        meaning.scale[3] = meaning.scale[4] = 1 / pixelsPerUnit;
        meaning.unit[2] = meaning.unit[3] = meaning.unit[4] = unit;
    }
    return meaning;
}

/// The value of an attribute inside one XML tag.
std::string attribute(std::string_view tag, const std::string& name) {
    const std::string key = " " + name + "=\"";
    const std::size_t at = tag.find(key);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = tag.substr(at + key.size());
    return std::string(rest.substr(0, rest.find('"')));
}

std::string_view tagAt(std::string_view text, std::size_t at) {
    return text.substr(at, text.find('>', at) - at);
}

TiffMeaning fromOme(std::string_view text) {
    TiffMeaning meaning;
    const std::string_view pixels = tagAt(text, text.find("<Pixels"));
    meaning.extent = {extent(attribute(pixels, "SizeT")), extent(attribute(pixels, "SizeC")), extent(attribute(pixels, "SizeZ"))};
    const std::string order = attribute(pixels, "DimensionOrder");
    if (order.size() == 5 && order.starts_with("XY")) meaning.order = order.substr(2);
    constexpr std::pair<const char*, std::size_t> kSizes[] = {{"TimeIncrement", 0}, {"PhysicalSizeZ", 2}, {"PhysicalSizeY", 3}, {"PhysicalSizeX", 4}};
    for (const auto& [name, axis] : kSizes) {
        const std::string value = attribute(pixels, name);
        if (value.empty() || number(value, 0) <= 0) continue;
        meaning.scale[axis] = number(value, 1);
        const std::string unit = unitName(attribute(pixels, std::string(name) + "Unit"));
        meaning.unit[axis] = unit.empty() ? (axis == 0 ? "second" : "micrometer") : unit;
    }
    for (std::size_t at = text.find("<Channel "); at != std::string_view::npos && meaning.channels.size() < 1000; at = text.find("<Channel ", at + 1))
        meaning.channels.push_back(attribute(tagAt(text, at), "Name"));
    return meaning;
}

/// tifffile's {"shape": [48, 2, 130, 130], "axes": "TCYX"}.
std::optional<TiffMeaning> fromTifffile(const std::string& text) {
    const auto json = parseJson(text, "description");
    if (!json) return std::nullopt;
    const std::string axes = textMember(*json, "axes");
    const auto shape = extentsMember(*json, "shape", "description");
    if (!shape || axes.size() != shape->size()) return std::nullopt;
    TiffMeaning meaning;
    meaning.extent = {1, 1, 1};
    meaning.order.clear();
    constexpr std::string_view kAxes = "TCZ";
    for (std::size_t i = axes.size(); i-- > 0;) {
        const std::size_t axis = kAxes.find(axes[i]);
        if (axis == std::string_view::npos) continue;
        if (meaning.order.find(axes[i]) != std::string::npos) return std::nullopt;
        meaning.extent[axis] = std::clamp<std::int64_t>((*shape)[i], 1, kMaximumExtent);
        meaning.order += axes[i];
    }
    for (const char axis : kAxes)
        if (meaning.order.find(axis) == std::string::npos) meaning.order += axis;
    return meaning;
}

std::optional<TiffMeaning> interpret(const std::string& description, double pixelsPerUnit) {
    if (description.starts_with("ImageJ=")) return fromImageJ(description, pixelsPerUnit);
    if (description.find("<OME") != std::string::npos && description.find("<Pixels") != std::string::npos) return fromOme(description);
    if (description.starts_with("{")) return fromTifffile(description);
    return std::nullopt;
}

}  // namespace

TiffMeaning interpretTiff(const std::string& description, std::size_t pages, double pixelsPerUnit) {
    auto meaning = interpret(description, pixelsPerUnit);
    if (!meaning) return {};
    const auto [t, c, z] = meaning->extent;
    if (t * c <= kMaximumExtent && static_cast<std::size_t>(t * c * z) == pages) return *meaning;
    meaning->extent = {0, 1, 1};
    meaning->order = "CZT";
    meaning->slicesAsFrames = false;
    return *meaning;
}

}  // namespace driftscope::io
