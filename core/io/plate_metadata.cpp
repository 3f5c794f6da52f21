#include "core/io/plate_metadata.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/atomic_file.h"
#include "core/io/json_access.h"
#include "core/io/natural_order.h"
#include "core/io/ome_zarr.h"

namespace driftscope::io {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* kGroupFile[] = {".zgroup", "zarr.json"};

Result<void> writeJson(const fs::path& path, const json& content) {
    return writeFileAtomically(path, content.dump(4, ' ', false, json::error_handler_t::replace));
}

Result<void> makeGroup(const fs::path& folder, OmeVersion version) {
    DS_TRY(makeFolder(folder));
    std::error_code code;
    const fs::path file = folder / kGroupFile[static_cast<int>(version)];
    if (fs::exists(file, code)) return {};
    if (version == OmeVersion::V04) return writeJson(file, {{"zarr_format", 2}});
    return writeJson(file, {{"zarr_format", 3}, {"node_type", "group"}, {"attributes", json::object()}});
}

/// Sets members of a group's attributes, in 0.5 under "ome"; others stay.
Result<void> setMembers(const fs::path& folder, const json& members, OmeVersion version) {
    if (version == OmeVersion::V04) {
        DS_ASSIGN(json attributes, zarrAttributes(folder));
        for (const auto& [name, member] : members.items()) {
            attributes[name] = member;
            json& versioned = name == "multiscales" ? attributes[name][0] : attributes[name];
            versioned["version"] = "0.4";
        }
        return writeJson(folder / ".zattrs", attributes);
    }
    DS_ASSIGN(json document, readJson(folder / "zarr.json"));
    json& ome = document["attributes"]["ome"];
    ome["version"] = "0.5";
    ome.update(members);
    return writeJson(folder / "zarr.json", document);
}

/// Adds {"name": name} to a list of rows or columns and returns its place.
std::size_t nameIndex(json& list, const std::string& name) {
    if (!list.is_array()) list = json::array();
    for (std::size_t i = 0; i < list.size(); ++i)
        if (textMember(list[i], "name") == name) return i;
    list.push_back({{"name", name}});
    return list.size() - 1;
}

bool lists(const json& list, const char* field, const std::string& value) {
    return std::any_of(list.begin(), list.end(), [&](const json& entry) { return textMember(entry, field) == value; });
}

Result<void> addToWell(const fs::path& well, const std::string& field, std::size_t& fields, OmeVersion version) {
    DS_TRY(makeGroup(well, version));
    DS_ASSIGN(const json attributes, zarrAttributes(well));
    json group = objectMember(attributes, "well");
    if (!group["images"].is_array()) group["images"] = json::array();
    if (!lists(group["images"], "path", field)) group["images"].push_back({{"path", field}});
    fields = group["images"].size();
    return setMembers(well, {{"well", group}}, version);
}

/// One resolution: its scale, and where averaging moved its first pixel to.
json dataset(const TimeLapseInfo& info, int level) {
    std::array<double, 5> scale = info.scale;
    json transformations = json::array();
    for (const std::size_t axis : {3u, 4u}) scale[axis] *= 1 << level;
    transformations.push_back({{"type", "scale"}, {"scale", scale}});
    if (level > 0) {
        const double shift = 0.5 - 0.5 / (1 << level);
        transformations.push_back({{"type", "translation"}, {"translation", {0.0, 0.0, 0.0, shift * scale[3], shift * scale[4]}}});
    }
    return {{"path", std::to_string(level)}, {"coordinateTransformations", transformations}};
}

json axis(const char* name, const char* type, const std::string& unit) {
    json entry = {{"name", name}, {"type", type}};
    if (!unit.empty()) entry["unit"] = unit;
    return entry;
}

json channel(const ChannelInfo& info, double maximum) {
    const bool hasWindow = info.windowEnd > info.windowStart;
    return {{"active", true},
            {"coefficient", 1.0},
            {"color", fmt::format("{:06X}", info.color)},
            {"family", "linear"},
            {"inverted", false},
            {"label", info.name},
            {"window", {{"min", 0.0}, {"max", maximum}, {"start", hasWindow ? info.windowStart : 0.0}, {"end", hasWindow ? info.windowEnd : maximum}}}};
}

bool isPlainName(const std::string& name) {
    return !name.empty() && name.front() != '.' &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_' || c == '.'; });
}

}  // namespace

Result<PlatePosition> parsePosition(const std::string& position) {
    const std::size_t first = position.find('/');
    const std::size_t second = first == std::string::npos ? first : position.find('/', first + 1);
    PlatePosition parts;
    if (second != std::string::npos) parts = {position.substr(0, first), position.substr(first + 1, second - first - 1), position.substr(second + 1)};
    if (isPlainName(parts.row) && isPlainName(parts.column) && isPlainName(parts.field)) return parts;
    return fail(ErrorCode::BadInput, fmt::format("'{}' is not a position of a plate.", position), "Write row/column/field with letters and digits, as in A/1/0.");
}

Result<void> addToPlate(const fs::path& plate, const PlatePosition& position, OmeVersion version) {
    std::error_code code;
    DS_ASSIGN(const json attributes, zarrAttributes(plate));
    if (fs::exists(plate, code) && !fs::is_empty(plate, code)) {
        if (!attributes.contains("plate"))
            return fail(ErrorCode::BadInput, fmt::format("{} exists and is not an OME-Zarr plate.", plate.string()), "Choose a new name; nothing was changed.");
        if (!fs::exists(plate / kGroupFile[static_cast<int>(version)], code))
            return fail(ErrorCode::BadInput, fmt::format("{} is a plate of the other version of OME-Zarr.", plate.string()), "Choose a new name, or the version it has; nothing was changed.");
    }
    DS_TRY(makeGroup(plate, version));
    DS_TRY(makeGroup(plate / position.row, version));
    std::size_t fields = 0;
    DS_TRY(addToWell(plate / position.row / position.column, position.field, fields, version));
    json group = objectMember(attributes, "plate");
    if (!group.contains("name")) group["name"] = plate.stem().string();
    const std::size_t row = nameIndex(group["rows"], position.row);
    const std::size_t column = nameIndex(group["columns"], position.column);
    const std::string path = position.row + "/" + position.column;
    if (!group["wells"].is_array()) group["wells"] = json::array();
    if (!lists(group["wells"], "path", path)) group["wells"].push_back({{"path", path}, {"rowIndex", row}, {"columnIndex", column}});
    group["field_count"] = std::max(fields, static_cast<std::size_t>(numberMember(group, "field_count", 0)));
    return setMembers(plate, {{"plate", group}}, version);
}

Result<void> writeImageAttributes(const fs::path& image, const TimeLapseInfo& info, const PlateFormat& format) {
    DS_TRY(makeGroup(image, format.version));
    const auto type = numberTypeFromName(info.pixelType);
    const double maximum = type && type->isInteger() ? static_cast<double>((1ull << (8 * std::min<std::size_t>(type->size(), 4))) - 1) : 1.0;
    json channels = json::array();
    for (const ChannelInfo& entry : info.channels) channels.push_back(channel(entry, maximum));
    const json axes = {axis("t", "time", info.unit[0]), axis("c", "channel", ""), axis("z", "space", info.unit[2]), axis("y", "space", info.unit[3]), axis("x", "space", info.unit[4])};
    json datasets = json::array();
    for (int level = 0; level < format.levels; ++level) datasets.push_back(dataset(info, level));
    return setMembers(image, {{"multiscales", {{{"name", info.name}, {"axes", axes}, {"datasets", datasets}}}},
                              {"omero", {{"channels", channels}, {"rdefs", {{"defaultT", 0}, {"defaultZ", 0}, {"model", "color"}}}}}},
                      format.version);
}

}  // namespace driftscope::io
