#include <algorithm>
#include <cmath>
#include <unistd.h>

#include "core/cells/exchange/track_formats.h"
#include "core/io/zarr_write.h"

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Name, type and extremes of one axis; `size` is the physical size of a step, 0 when unknown.
json axis(const char* name, const char* type, const char* unit, double size, const std::string& sizeUnit, const std::vector<double>& values) {
    json entry = {{"name", name}, {"type", type}, {"unit", unit}};
    if (!values.empty()) {
        const auto [low, high] = std::ranges::minmax(values);
        entry["min"] = low;
        entry["max"] = high;
    }
    if (size > 0) entry["scale"] = size;
    if (size > 0 && !sizeUnit.empty()) entry["scaled_unit"] = sizeUnit;
    return entry;
}

json propertyMetadata(const std::string& name, const char* type) {
    return {{"identifier", name}, {"dtype", type}, {"varlength", false}};
}

class GraphWriter {
  public:
    GraphWriter(fs::path folder, const TrackSet& set) : folder_(std::move(folder)), set_(set) {}

    Result<void> write() {
        DS_TRY(io::writeZarrGroup(folder_ / "nodes"));
        DS_TRY(io::writeZarrGroup(folder_ / "nodes" / "props"));
        DS_TRY(io::writeZarrGroup(folder_ / "edges"));
        DS_TRY(io::writeZarrGroup(folder_ / "edges" / "props"));
        DS_TRY(writeNodes());
        for (const auto& [name, column] : set_.columns) DS_TRY(writeColumn(name, column));
        DS_TRY(writeEdges());
        const PixelScale& scale = set_.scale;
        json axes = json::array({axis("t", "time", "frame", scale.t, scale.timeUnit, t_)});
        if (set_.tracks.hasZ) axes.push_back(axis("z", "space", "pixel", scale.z, scale.spaceUnit, z_));
        axes.push_back(axis("y", "space", "pixel", scale.y, scale.spaceUnit, y_));
        axes.push_back(axis("x", "space", "pixel", scale.x, scale.spaceUnit, x_));
        // The root comes last: a graph that was only partly written is no graph.
        return io::writeZarrGroup(folder_, {{"geff", {{"geff_version", "1.0.0"}, {"directed", true}, {"axes", axes}, {"node_props_metadata", properties_}, {"edge_props_metadata", json::object()},
                                                      {"track_node_props", {{"tracklet", "track_id"}}}}}});
    }

  private:
    template <class T>
    Result<void> property(const std::string& name, const std::vector<T>& values, const char* type) {
        properties_[name] = propertyMetadata(name, type);
        DS_TRY(io::writeZarrGroup(folder_ / "nodes" / "props" / name));
        return io::writeZarrNumbers(folder_ / "nodes" / "props" / name / "values", {std::ssize(values)}, values);
    }

    Result<void> writeNodes() {
        std::vector<std::uint64_t> ids;
        std::vector<std::int64_t> frames, tracks;
        for (const Detection& cell : set_.tracks.detections) {
            if (cell.id < 0) return fail(ErrorCode::BadInput, fmt::format("Cell {} has a negative id, which GEFF does not allow.", cell.id), "Renumber the cells.");
            ids.push_back(static_cast<std::uint64_t>(cell.id));
            frames.push_back(cell.t);
            tracks.push_back(cell.trackId);
            t_.push_back(static_cast<double>(cell.t));
            z_.push_back(cell.z);
            y_.push_back(cell.y);
            x_.push_back(cell.x);
        }
        DS_TRY(io::writeZarrNumbers(folder_ / "nodes" / "ids", {std::ssize(ids)}, ids));
        DS_TRY(property("t", frames, "int64"));
        if (set_.tracks.hasZ) DS_TRY(property("z", z_, "float64"));
        DS_TRY(property("y", y_, "float64"));
        DS_TRY(property("x", x_, "float64"));
        return property("track_id", tracks, "int64");
    }

    Result<void> writeColumn(const std::string& name, const Column& column) {
        const bool plain = !name.empty() && name.find('/') == std::string::npos && name.front() != '.';
        if (!plain || properties_.contains(name)) return {};
        if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&column)) return property(name, *integers, "int64");
        if (isNumeric(column)) {
            std::vector<double> values;
            for (std::size_t row = 0; row < columnSize(column); ++row) values.push_back(columnNumber(column, row));
            return property(name, values, "float64");
        }
        std::vector<std::string> texts;
        for (std::size_t row = 0; row < columnSize(column); ++row) texts.push_back(columnText(column, row));
        properties_[name] = propertyMetadata(name, "str");
        DS_TRY(io::writeZarrGroup(folder_ / "nodes" / "props" / name));
        return io::writeZarrTexts(folder_ / "nodes" / "props" / name / "values", {std::ssize(texts)}, texts);
    }

    Result<void> writeEdges() {
        std::vector<std::uint64_t> ends;
        for (const auto& [source, target] : links(set_)) {
            ends.push_back(static_cast<std::uint64_t>(source));
            ends.push_back(static_cast<std::uint64_t>(target));
        }
        return io::writeZarrNumbers(folder_ / "edges" / "ids", {std::ssize(ends) / 2, 2}, ends);
    }

    fs::path folder_;
    const TrackSet& set_;
    json properties_ = json::object();
    std::vector<double> t_, z_, y_, x_;
};

}  // namespace

Result<void> writeGeff(const fs::path& folder, const TrackSet& set) {
    std::error_code code;
    if (fs::exists(folder, code)) return fail(ErrorCode::BadInput, fmt::format("{} exists already.", folder.string()), "Choose a new name; nothing was changed.");
    const fs::path temporary = folder.string() + fmt::format(".{}.partial", ::getpid());
    fs::remove_all(temporary, code);
    if (auto written = GraphWriter(temporary, set).write(); !written) {
        fs::remove_all(temporary, code);
        return written;
    }
    fs::rename(temporary, folder, code);
    if (code) return fail(ErrorCode::Io, fmt::format("Cannot write {}: {}.", folder.string(), code.message()), "Check free space and permissions.");
    return {};
}

}  // namespace driftscope::cells
