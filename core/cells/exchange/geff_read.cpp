#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/cells/exchange/track_formats.h"
#include "core/io/json_access.h"
#include "core/io/ome_zarr.h"
#include "core/io/zarr_array.h"
#include "core/io/zarr_text.h"

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// What the metadata say of one axis.
struct Axis {
    std::string property, unit, scaledUnit;
    double scale = 0;
};

struct Axes {
    std::optional<Axis> t, z, y, x;
};

bool isPixel(const std::string& unit) {
    return unit.empty() || unit == "pixel" || unit == "pixels" || unit == "px" || unit == "frame" || unit == "frames";
}

/// Axes by their type; of those in space the last is x, the one before y, and before that z, unless names or hints say which.
Axes axesOf(const json& metadata) {
    std::vector<Axis> space;
    Axes axes;
    for (const json& one : io::arrayMember(metadata, "axes")) {
        const Axis axis{io::textMember(one, "name"), io::textMember(one, "unit"), io::textMember(one, "scaled_unit"), io::numberMember(one, "scale", 0)};
        const std::string type = io::textMember(one, "type");
        if (type == "time" || (type.empty() && axis.property == "t")) axes.t = axis;
        if (type == "space" || (type.empty() && axis.property != "t")) space.push_back(axis);
    }
    const json& hints = io::objectMember(metadata, "display_hints");
    const auto take = [&](std::optional<Axis>& into, const char* hint, char letter) {
        const std::string hinted = io::textMember(hints, hint);
        auto found = std::ranges::find(space, hinted, &Axis::property);
        if (found == space.end()) found = std::ranges::find_if(space, [&](const Axis& axis) { return axis.property == std::string(1, letter) || axis.property.ends_with(std::string("_") + letter); });
        if (found == space.end()) return;
        into = *found;
        space.erase(found);
    };
    take(axes.x, "display_horizontal", 'x');
    take(axes.y, "display_vertical", 'y');
    take(axes.z, "display_depth", 'z');
    for (std::optional<Axis>* one : {&axes.x, &axes.y, &axes.z})
        if (!*one && !space.empty()) {
            *one = space.back();
            space.pop_back();
        }
    return axes;
}

class GraphReader {
  public:
    explicit GraphReader(fs::path folder) : folder_(std::move(folder)) {}

    Result<TrackSet> read() {
        DS_ASSIGN(const json attributes, io::zarrAttributes(folder_));
        const json& metadata = io::objectMember(attributes, "geff");
        axes_ = axesOf(metadata);
        if (!axes_.t || !axes_.y || !axes_.x)
            return fail(ErrorCode::BadInput, fmt::format("{} does not say which properties are time and place.", folder_.string()), "Write it with axes of type time and space.");
        if (const json* directed = io::member(metadata, "directed"); directed && *directed == false)
            return fail(ErrorCode::Unsupported, fmt::format("{} is an undirected graph.", folder_.string()), "Tracks lead from mothers to daughters: write a directed graph.");
        set_.format = "GEFF";
        DS_TRY(readNodes());
        DS_TRY(readProperties());
        std::vector<CellLink> edges;
        DS_ASSIGN(edges, readEdges());
        if (auto done = assignTracks(set_, edges); !done) return tl::unexpected(std::move(done).error().during("while reading " + folder_.string()));
        DS_TRY(checkTracks(set_, folder_.string()));
        return std::move(set_);
    }

  private:
    fs::path valuesOf(const std::string& property) const { return folder_ / "nodes" / "props" / property / "values"; }

    Result<std::vector<double>> numbers(const std::string& property) const {
        DS_ASSIGN(const fs::path inside, io::insideOf(folder_ / "nodes" / "props", property, folder_.string()));
        DS_ASSIGN(const io::ZarrArray array, io::ZarrArray::open(inside / "values"));
        DS_ASSIGN(std::vector<double> values, array.doubles());
        if (values.size() != ids_.size() || array.metadata().shape.size() != 1)
            return fail(ErrorCode::BadInput, fmt::format("{}: '{}' has {} values for {} nodes.", folder_.string(), property, values.size(), ids_.size()), "The graph is damaged.");
        std::error_code code;
        if (!fs::exists(inside / "missing", code)) return values;
        DS_ASSIGN(const io::ZarrArray missing, io::ZarrArray::open(inside / "missing"));
        DS_ASSIGN(const std::vector<double> flags, missing.doubles());
        for (std::size_t i = 0; i < std::min(flags.size(), values.size()); ++i)
            if (flags[i] != 0) values[i] = std::numeric_limits<double>::quiet_NaN();
        return values;
    }

    Result<void> readNodes() {
        DS_ASSIGN(const io::ZarrArray array, io::ZarrArray::open(folder_ / "nodes" / "ids"));
        DS_ASSIGN(ids_, array.integers());
        std::vector<double> y, x, z(ids_.size(), 0.0);
        DS_ASSIGN(const std::vector<std::int64_t> t, frames());
        DS_ASSIGN(y, numbers(axes_.y->property));
        DS_ASSIGN(x, numbers(axes_.x->property));
        if (axes_.z) {
            DS_ASSIGN(z, numbers(axes_.z->property));
            set_.tracks.hasZ = std::ranges::any_of(z, [](double value) { return value != 0; });
        }
        for (std::size_t i = 0; i < ids_.size(); ++i) set_.tracks.detections.push_back({0, t[i], z[i], y[i], x[i], ids_[i], -1, -1});
        set_.inPixels = isPixel(axes_.x->unit);
        set_.scale.spaceUnit = set_.inPixels ? axes_.x->scaledUnit : axes_.x->unit;
        if (set_.inPixels) set_.scale = {set_.scale.t, axes_.z ? axes_.z->scale : 0, axes_.y->scale, axes_.x->scale, set_.scale.timeUnit, set_.scale.spaceUnit};
        return {};
    }

    /// Frames as they are, or times in units divided by the interval: the axis' own scale or the smallest step between two times.
    Result<std::vector<std::int64_t>> frames() {
        DS_ASSIGN(const std::vector<double> times, numbers(axes_.t->property));
        double interval = 1;
        if (isPixel(axes_.t->unit)) {
            set_.scale.t = axes_.t->scale;
            set_.scale.timeUnit = axes_.t->scaledUnit;
        } else {
            interval = std::numeric_limits<double>::infinity();
            const std::set<double> distinct(times.begin(), times.end());
            for (auto at = distinct.begin(); at != distinct.end() && std::next(at) != distinct.end(); ++at) interval = std::min(interval, *std::next(at) - *at);
            if (!std::isfinite(interval)) interval = 1;
            set_.scale.t = interval;
            set_.scale.timeUnit = axes_.t->unit;
        }
        std::vector<std::int64_t> result;
        for (std::size_t i = 0; i < times.size(); ++i) {
            const double frame = times[i] / interval;
            if (!(std::abs(frame) < 9e15) || std::abs(frame - std::round(frame)) > 1e-3)
                return fail(ErrorCode::BadInput, fmt::format("{}: node {} is at time {}, between two frames of {} {}.", folder_.string(), ids_[i], times[i], interval, axes_.t->unit), "Frames must be evenly spaced.");
            result.push_back(std::llround(frame));
        }
        return result;
    }

    /// Other properties with one number or text per node; others are named in a warning.
    Result<void> readProperties() {
        std::vector<std::string> names, left;
        std::error_code code;
        for (const auto& entry : fs::directory_iterator(folder_ / "nodes" / "props", code)) names.push_back(entry.path().filename().string());
        std::ranges::sort(names);
        for (const std::string& name : names) {
            const bool isAxis = std::ranges::any_of(std::array{&axes_.t, &axes_.z, &axes_.y, &axes_.x}, [&](const auto* axis) { return *axis && (*axis)->property == name; });
            if (isAxis || !fs::is_directory(valuesOf(name), code)) continue;
            if (io::holdsZarrTexts(valuesOf(name))) {
                DS_ASSIGN(io::ZarrTexts texts, io::readZarrTexts(valuesOf(name)));
                if (texts.values.size() == ids_.size()) set_.columns.emplace_back(name, std::move(texts.values));
                continue;
            }
            const auto array = io::ZarrArray::open(valuesOf(name));
            if (!array || array->metadata().shape.size() != 1) {
                left.push_back(name);
                continue;
            }
            DS_ASSIGN(std::vector<double> values, numbers(name));
            const bool whole = array->metadata().type.isInteger() && std::ranges::none_of(values, [](double value) { return std::isnan(value); });
            if (whole) {
                DS_ASSIGN(std::vector<std::int64_t> integers, array->integers());
                set_.columns.emplace_back(name, std::move(integers));
            } else {
                set_.columns.emplace_back(name, std::move(values));
            }
        }
        if (!left.empty()) set_.tracks.warnings.push_back(fmt::format("{}: properties that are not one value per node are left out ({}).", folder_.string(), fmt::join(left, ", ")));
        return {};
    }

    Result<std::vector<CellLink>> readEdges() const {
        std::vector<CellLink> edges;
        std::error_code code;
        if (!fs::exists(folder_ / "edges" / "ids", code)) return edges;
        DS_ASSIGN(const io::ZarrArray array, io::ZarrArray::open(folder_ / "edges" / "ids"));
        const auto& shape = array.metadata().shape;
        if (shape.size() != 2 || shape[1] != 2) return fail(ErrorCode::BadInput, fmt::format("{}: edges/ids is not a list of pairs.", folder_.string()), "The graph is damaged.");
        DS_ASSIGN(const std::vector<std::int64_t> ends, array.integers());
        for (std::size_t i = 0; i + 1 < ends.size(); i += 2) edges.emplace_back(ends[i], ends[i + 1]);
        return edges;
    }

    fs::path folder_;
    Axes axes_;
    std::vector<std::int64_t> ids_;
    TrackSet set_;
};

}  // namespace

Result<TrackSet> readGeff(const fs::path& folder) {
    return GraphReader(folder).read();
}

}  // namespace driftscope::cells
