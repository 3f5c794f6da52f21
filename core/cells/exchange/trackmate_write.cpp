#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>
#include <map>

#include "core/base/atomic_file.h"
#include "core/cells/exchange/track_formats.h"
#include "core/cells/lineage.h"

namespace driftscope::cells {
namespace {

/// A numeric column as a feature of spots.
struct Feature {
    std::string key;
    std::string name;
    const Column* column;
};

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '&') out += "&amp;";
        else if (c == '<') out += "&lt;";
        else if (c == '>') out += "&gt;";
        else if (c == '"') out += "&quot;";
        else if (static_cast<unsigned char>(c) >= 0x20) out += c;
    }
    return out;
}

/// TrackMate's keys are capital letters, digits and underscores.
std::vector<Feature> featuresOf(const TrackSet& set) {
    std::vector<Feature> features;
    for (const auto& [name, column] : set.columns) {
        if (!isNumeric(column)) continue;
        std::string key;
        for (const char c : name) key += std::isalnum(static_cast<unsigned char>(c)) ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : '_';
        const bool reserved = key.empty() || key == "ID" || key == "NAME" || key == "FRAME" || key == "RADIUS" || key == "VISIBILITY" || key == "QUALITY" || key.starts_with("POSITION_") || key.starts_with("ROI_");
        if (reserved || std::isdigit(static_cast<unsigned char>(key.front())) || std::ranges::find(features, key, &Feature::key) != features.end()) continue;
        features.push_back({key, name, &column});
    }
    return features;
}

class Writer {
  public:
    explicit Writer(const TrackSet& set) : set_(set), features_(featuresOf(set)) {
        scale_ = set.scale;
        for (double* size : {&scale_.t, &scale_.z, &scale_.y, &scale_.x})
            if (!(*size > 0)) *size = 1;
        if (scale_.spaceUnit.empty()) scale_.spaceUnit = "pixel";
        if (scale_.timeUnit.empty()) scale_.timeUnit = "frame";
    }

    std::string write() {
        line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<TrackMate version=\"7.10.2\">");
        line("  <Model spatialunits=\"{}\" timeunits=\"{}\">", escaped(scale_.spaceUnit), escaped(scale_.timeUnit));
        declareFeatures();
        writeSpots();
        writeTracks();
        line("  </Model>");
        writeSettings();
        line("</TrackMate>");
        return std::move(out_);
    }

  private:
    template <class... Values>
    void line(fmt::format_string<Values...> text, Values&&... values) {
        fmt::format_to(std::back_inserter(out_), text, std::forward<Values>(values)...);
        out_ += '\n';
    }

    void declare(const std::string& key, const std::string& name, const char* dimension, bool whole) {
        line("        <Feature feature=\"{}\" name=\"{}\" shortname=\"{}\" dimension=\"{}\" isint=\"{}\" />", key, escaped(name), escaped(name.substr(0, 12)), dimension, whole);
    }

    void declareFeatures() {
        line("    <FeatureDeclarations>\n      <SpotFeatures>");
        declare("QUALITY", "Quality", "QUALITY", false);
        for (const char* axis : {"X", "Y", "Z"}) declare(fmt::format("POSITION_{}", axis), axis, "POSITION", false);
        declare("POSITION_T", "T", "TIME", false);
        declare("FRAME", "Frame", "NONE", true);
        declare("RADIUS", "Radius", "LENGTH", false);
        declare("VISIBILITY", "Visibility", "NONE", true);
        for (const Feature& feature : features_) declare(feature.key, feature.name, "NONE", false);
        line("      </SpotFeatures>\n      <EdgeFeatures>");
        declare("SPOT_SOURCE_ID", "Source spot ID", "NONE", true);
        declare("SPOT_TARGET_ID", "Target spot ID", "NONE", true);
        line("      </EdgeFeatures>\n      <TrackFeatures>");
        declare("TRACK_ID", "Track ID", "NONE", true);
        line("      </TrackFeatures>\n    </FeatureDeclarations>");
    }

    void writeSpots() {
        std::map<std::int64_t, std::vector<std::size_t>> frames;
        for (std::size_t i = 0; i < set_.tracks.detections.size(); ++i) frames[set_.tracks.detections[i].t].push_back(i);
        line("    <AllSpots nspots=\"{}\">", set_.tracks.detections.size());
        for (const auto& [t, rows] : frames) {
            line("      <SpotsInFrame frame=\"{}\">", t);
            for (const std::size_t row : rows) writeSpot(row);
            line("      </SpotsInFrame>");
        }
        line("    </AllSpots>");
    }

    void writeSpot(std::size_t row) {
        const Detection& cell = set_.tracks.detections[row];
        const double radius = set_.radii.empty() || !(set_.radii[row] > 0) ? 5 : set_.radii[row];
        fmt::format_to(std::back_inserter(out_),
                       "        <Spot ID=\"{0}\" name=\"ID{0}\" QUALITY=\"1.0\" POSITION_X=\"{1}\" POSITION_Y=\"{2}\" POSITION_Z=\"{3}\" POSITION_T=\"{4}\" FRAME=\"{5}\" RADIUS=\"{6}\" VISIBILITY=\"1\"", cell.id,
                       cell.x * scale_.x, cell.y * scale_.y, cell.z * scale_.z, static_cast<double>(cell.t) * scale_.t, cell.t, radius * scale_.x);
        for (const Feature& feature : features_)
            if (const double value = columnNumber(*feature.column, row); std::isfinite(value)) fmt::format_to(std::back_inserter(out_), " {}=\"{}\"", feature.key, value);
        if (set_.contours.empty() || set_.contours[row].empty()) {
            line(" />");
            return;
        }
        fmt::format_to(std::back_inserter(out_), " ROI_N_POINTS=\"{}\">", set_.contours[row].size());
        for (const auto& [x, y] : set_.contours[row]) fmt::format_to(std::back_inserter(out_), "{} {} ", (x - cell.x) * scale_.x, (y - cell.y) * scale_.y);
        line("</Spot>");
    }

    /// A track of TrackMate is a whole family: everything that hangs together.
    std::map<std::int64_t, std::vector<CellLink>> families() const {
        std::map<std::int64_t, std::int64_t> up;
        for (const Detection& cell : set_.tracks.detections) up[cell.id] = cell.id;
        const auto root = [&](std::int64_t id) {
            while (up[id] != id) id = up[id] = up[up[id]];
            return id;
        };
        const std::vector<CellLink> all = links(set_);
        for (const CellLink& link : all) up[root(link.first)] = root(link.second);
        std::map<std::int64_t, std::vector<CellLink>> result;
        for (const CellLink& link : all) result[root(link.first)].push_back(link);
        return result;
    }

    void writeTracks() {
        const auto all = families();
        line("    <AllTracks>");
        std::size_t number = 0;
        for (const auto& [root, edges] : all) {
            line("      <Track name=\"Track_{0}\" TRACK_ID=\"{0}\" TRACK_INDEX=\"{0}\">", number++);
            for (const auto& [source, target] : edges) line("        <Edge SPOT_SOURCE_ID=\"{}\" SPOT_TARGET_ID=\"{}\" />", source, target);
            line("      </Track>");
        }
        line("    </AllTracks>\n    <FilteredTracks>");
        for (std::size_t i = 0; i < number; ++i) line("      <TrackID TRACK_ID=\"{}\" />", i);
        line("    </FilteredTracks>");
    }

    void writeSettings() {
        std::int64_t frames = set_.frames;
        for (const Detection& cell : set_.tracks.detections) frames = std::max(frames, cell.t + 1);
        line("  <Settings>");
        line("    <ImageData filename=\"\" folder=\"\" width=\"{}\" height=\"{}\" nslices=\"1\" nframes=\"{}\" pixelwidth=\"{}\" pixelheight=\"{}\" voxeldepth=\"{}\" timeinterval=\"{}\" />", set_.width,
             set_.height, frames, scale_.x, scale_.y, scale_.z, scale_.t);
        line("  </Settings>");
    }

    const TrackSet& set_;
    std::vector<Feature> features_;
    PixelScale scale_;
    std::string out_;
};

}  // namespace

Result<void> writeTrackMate(const std::filesystem::path& xml, const TrackSet& set) {
    return writeFileAtomically(xml, Writer(set).write());
}

}  // namespace driftscope::cells
