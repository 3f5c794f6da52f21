#include <expat.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <sstream>

#include "core/cells/exchange/track_formats.h"
#include "core/io/mapped_file.h"

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

std::optional<double> number(const char* text) {
    double value = 0;
    const std::string_view view(text);
    const auto [end, code] = std::from_chars(view.data(), view.data() + view.size(), value);
    if (code != std::errc() || end != view.data() + view.size()) return std::nullopt;
    return value;
}

/// Follows the elements of a session and remembers the first thing that is wrong.
class Session {
  public:
    explicit Session(XML_Parser parser) : parser_(parser) {
        set.format = "TrackMate XML";
    }

    TrackSet set;
    std::vector<CellLink> edges;
    std::size_t tracks = 0, visibleTracks = 0, hiddenSpots = 0;
    std::optional<Error> failure;
    bool isTrackMate = false;
    double pixelHeight = 0, pixelWidth = 0, voxelDepth = 0;

    void begin(const char* name, const char** attributes) {
        const std::string_view element(name);
        const auto at = [&](const char* wanted) -> const char* {
            for (const char** pair = attributes; *pair; pair += 2)
                if (std::string_view(*pair) == wanted) return pair[1];
            return nullptr;
        };
        if (element == "TrackMate") isTrackMate = true;
        if (element == "Model") {
            set.scale.spaceUnit = at("spatialunits") ? at("spatialunits") : "";
            set.scale.timeUnit = at("timeunits") ? at("timeunits") : "";
        }
        if (element == "Spot") beginSpot(attributes);
        if (element == "Track") ++tracks;
        if (element == "TrackID") ++visibleTracks;
        if (element == "Edge") beginEdge(at("SPOT_SOURCE_ID"), at("SPOT_TARGET_ID"));
        if (element == "ImageData") readImage(at);
    }

    void end(const char* name) {
        if (std::string_view(name) != "Spot" || !inSpot_) return;
        inSpot_ = false;
        Contour& contour = contours_.emplace_back();
        std::istringstream values(text_);
        for (double x = 0, y = 0; values >> x >> y;) contour.push_back({x, y});
        if (contour.size() < 3) contour.clear();
        anyContour_ = anyContour_ || !contour.empty();
        text_.clear();
    }

    void text(const char* part, int length) {
        if (inSpot_) text_.append(part, static_cast<std::size_t>(length));
    }

    /// From physical units to pixels, once the image is known.
    void finish() {
        PixelScale& scale = set.scale;
        scale.x = pixelWidth > 0 ? pixelWidth : 1;
        scale.y = pixelHeight > 0 ? pixelHeight : 1;
        scale.z = voxelDepth > 0 ? voxelDepth : 1;
        if (pixelWidth <= 0 && scale.spaceUnit != "pixel")
            set.tracks.warnings.push_back("The session does not say how large a pixel is: positions are taken as pixels.");
        contours_.resize(set.tracks.detections.size());  // spots inside spots are not TrackMate's
        for (std::size_t i = 0; i < set.tracks.detections.size(); ++i) {
            Detection& cell = set.tracks.detections[i];
            cell.x /= scale.x;
            cell.y /= scale.y;
            cell.z /= scale.z;
            for (auto& [x, y] : contours_[i]) {
                x = cell.x + x / scale.x;
                y = cell.y + y / scale.y;
            }
            set.tracks.hasZ = set.tracks.hasZ || cell.z != 0;
            set.radii[i] = std::isfinite(set.radii[i]) ? set.radii[i] / scale.x : 0;
        }
        if (anyContour_) set.contours = std::move(contours_);
        for (auto& [name, values] : features_) {
            values.resize(set.tracks.detections.size(), kMissing);
            set.columns.emplace_back(name, std::move(values));
        }
        if (hiddenSpots > 0) set.tracks.warnings.push_back(fmt::format("{} spots that TrackMate's filters hide are shown too.", hiddenSpots));
        if (visibleTracks < tracks) set.tracks.warnings.push_back(fmt::format("{} of {} tracks that TrackMate's filters hide are shown too.", tracks - visibleTracks, tracks));
    }

  private:
    void fail(const std::string& what) {
        if (failure) return;
        failure = Error{ErrorCode::BadInput, fmt::format("line {}: {}", XML_GetCurrentLineNumber(parser_), what), "Save the session again in TrackMate.", {}};
        XML_StopParser(parser_, XML_FALSE);
    }

    std::int64_t whole(const char* text, const char* what) {
        const auto value = text ? number(text) : std::nullopt;
        if (value && *value == std::floor(*value) && std::abs(*value) < 9e15) return static_cast<std::int64_t>(*value);
        fail(fmt::format("{} is '{}', not a whole number.", what, text ? text : ""));
        return 0;
    }

    void beginSpot(const char** attributes) {
        inSpot_ = true;
        Detection cell;
        cell.id = -1;
        double radius = kMissing;
        const std::size_t row = set.tracks.detections.size();
        bool placed[3] = {false, false, false};
        for (const char** pair = attributes; *pair; pair += 2) {
            const std::string name = pair[0];
            if (name == "ID") cell.id = whole(pair[1], "ID");
            if (name == "FRAME") {
                cell.t = whole(pair[1], "FRAME");
                placed[0] = true;
            }
            const auto value = number(pair[1]);
            if (!value) continue;
            if (name == "POSITION_X") cell.x = *value, placed[1] = true;
            else if (name == "POSITION_Y") cell.y = *value, placed[2] = true;
            else if (name == "POSITION_Z") cell.z = *value;
            else if (name == "RADIUS") radius = *value;
            else if (name == "VISIBILITY") hiddenSpots += *value == 0 ? 1 : 0;
            else if (name != "ID" && name != "FRAME" && name != "POSITION_T" && name != "ROI_N_POINTS" && name != "name") {
                std::vector<double>& values = features_[name];
                values.resize(row, kMissing);
                values.push_back(*value);
            }
        }
        if (cell.id < 0 || !placed[0] || !placed[1] || !placed[2]) fail("a spot without ID, FRAME, POSITION_X or POSITION_Y.");
        set.tracks.detections.push_back(cell);
        set.radii.push_back(radius);
    }

    void beginEdge(const char* source, const char* target) {
        edges.emplace_back(whole(source, "SPOT_SOURCE_ID"), whole(target, "SPOT_TARGET_ID"));
    }

    template <class Attribute>
    void readImage(const Attribute& at) {
        const auto value = [&](const char* name) { return at(name) ? number(at(name)).value_or(0) : 0; };
        const auto extent = [&](const char* name) { return static_cast<std::int64_t>(std::clamp(value(name), 0.0, 1e9)); };
        pixelWidth = value("pixelwidth");
        pixelHeight = value("pixelheight");
        voxelDepth = value("voxeldepth");
        set.scale.t = value("timeinterval");
        set.width = extent("width");
        set.height = extent("height");
        set.frames = extent("nframes");
    }

    XML_Parser parser_;
    bool inSpot_ = false, anyContour_ = false;
    std::string text_;
    std::vector<Contour> contours_;  ///< relative to the spot, in physical units
    std::map<std::string, std::vector<double>> features_;
};

void XMLCALL beginElement(void* session, const char* name, const char** attributes) {
    static_cast<Session*>(session)->begin(name, attributes);
}
void XMLCALL endElement(void* session, const char* name) {
    static_cast<Session*>(session)->end(name);
}
void XMLCALL characters(void* session, const char* text, int length) {
    static_cast<Session*>(session)->text(text, length);
}

}  // namespace

Result<TrackSet> readTrackMate(const fs::path& xml) {
    DS_ASSIGN(const io::MappedFile file, io::MappedFile::open(xml));
    const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreate(nullptr), &XML_ParserFree);
    Session session(parser.get());
    XML_SetUserData(parser.get(), &session);
    XML_SetElementHandler(parser.get(), beginElement, endElement);
    XML_SetCharacterDataHandler(parser.get(), characters);
    const auto bytes = file.bytes();
    constexpr std::size_t kStep = 1u << 24;
    for (std::size_t at = 0; at == 0 || at < bytes.size(); at += kStep) {
        const std::size_t length = std::min(kStep, bytes.size() - at);
        const bool last = at + length == bytes.size();
        if (XML_Parse(parser.get(), reinterpret_cast<const char*>(bytes.data()) + at, static_cast<int>(length), last) == XML_STATUS_OK) continue;
        if (session.failure) return tl::unexpected(Error{session.failure->code, xml.string() + ", " + session.failure->message, session.failure->remedy, {}});
        return fail(ErrorCode::BadInput, fmt::format("{}, line {}: {}.", xml.string(), XML_GetCurrentLineNumber(parser.get()), XML_ErrorString(XML_GetErrorCode(parser.get()))),
                    "The XML is damaged or only partly copied.");
    }
    if (!session.isTrackMate) return fail(ErrorCode::BadInput, fmt::format("{} is no TrackMate session.", xml.string()), "Choose the XML that TrackMate saves.");
    session.finish();
    TrackSet set = std::move(session.set);
    if (auto done = assignTracks(set, session.edges); !done) return tl::unexpected(std::move(done).error().during("while reading " + xml.string()));
    DS_TRY(checkTracks(set, xml.string()));
    return set;
}

}  // namespace driftscope::cells
