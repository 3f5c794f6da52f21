#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <sstream>

#include "core/base/atomic_file.h"
#include "core/cells/exchange/track_formats.h"
#include "core/cells/movie.h"
#include "core/io/tiff_time_lapse.h"
#include "core/io/time_lapse.h"

namespace driftscope::cells {
namespace {

namespace fs = std::filesystem;

/// The text file of a result or a reference, in the folder or its TRA.
Result<fs::path> textFile(const fs::path& folder) {
    std::error_code code;
    if (fs::is_regular_file(folder, code)) return folder;
    for (const fs::path& place : {folder, folder / "TRA"})
        for (const char* name : {"res_track.txt", "man_track.txt"})
            if (fs::exists(place / name, code)) return place / name;
    return fail(ErrorCode::NotFound, fmt::format("{} has neither res_track.txt nor man_track.txt.", folder.string()), "Choose a folder such as 01_RES or 01_GT/TRA.");
}

/// The number at the end of "mask012" or "man_track0012".
std::optional<std::int64_t> frameOf(const fs::path& file) {
    const std::string stem = file.stem().string();
    const std::size_t digits = stem.find_last_not_of("0123456789") + 1;
    std::int64_t frame = 0;
    const auto [end, status] = std::from_chars(stem.data() + digits, stem.data() + stem.size(), frame);
    if (digits == stem.size() || status != std::errc() || end != stem.data() + stem.size()) return std::nullopt;
    return frame;
}

Result<std::vector<fs::path>> maskFiles(const fs::path& folder) {
    std::size_t others = 0;
    std::map<std::int64_t, fs::path> byFrame;
    for (const fs::path& file : io::tiffFrames(folder, others)) {
        const auto frame = frameOf(file);
        if (!frame || *frame > 1'000'000) return fail(ErrorCode::BadInput, fmt::format("{} has no frame number in its name.", file.string()), "Masks are called mask000.tif or man_track000.tif.");
        if (!byFrame.emplace(*frame, file).second) return fail(ErrorCode::BadInput, fmt::format("{} and {} are of the same frame.", byFrame[*frame].string(), file.string()), "Remove one of them.");
    }
    if (byFrame.empty())
        return fail(ErrorCode::NotFound, fmt::format("{} has no masks: nobody knows where the cells are.", folder.string()), "Keep the masks (mask000.tif, …) beside the text file.");
    std::vector<fs::path> masks(static_cast<std::size_t>(byFrame.rbegin()->first) + 1);
    for (const auto& [frame, file] : byFrame) masks[static_cast<std::size_t>(frame)] = file;
    return masks;
}

struct Sum {
    double z = 0, y = 0, x = 0;
    std::int64_t count = 0;
};

/// Adds a detection for every label of a frame.
Result<void> readMask(const fs::path& file, std::int64_t t, TrackSet& set) {
    DS_ASSIGN(const auto mask, io::openTimeLapse(file));
    const io::TimeLapseInfo& info = mask->info();
    if (set.height != 0 && (info.height() != set.height || info.width() != set.width))
        return fail(ErrorCode::BadInput, fmt::format("{} has {} x {} pixels, the masks before it {} x {}.", file.string(), info.height(), info.width(), set.height, set.width), "All masks of a movie are of one size.");
    set.height = info.height();
    set.width = info.width();
    std::map<std::int64_t, Sum> sums;
    // Pages of a mask are slices of its volume, whatever the file calls them.
    const std::int64_t slices = info.shape[0] * info.shape[1] * info.shape[2];
    for (std::int64_t slice = 0; slice < slices; ++slice) {
        DS_ASSIGN(const io::LabelImage labels, mask->labels(slice / (info.shape[1] * info.shape[2]), slice / info.shape[2] % info.shape[1], slice % info.shape[2]));
        for (int y = 0; y < labels.height; ++y)
            for (int x = 0; x < labels.width; ++x)
                if (const std::uint32_t label = labels.at(y, x)) {
                    Sum& sum = sums[label];
                    sum.z += static_cast<double>(slice);
                    sum.y += y;
                    sum.x += x;
                    ++sum.count;
                }
    }
    set.tracks.hasZ = set.tracks.hasZ || slices > 1;
    for (const auto& [label, sum] : sums) {
        const auto count = static_cast<double>(sum.count);
        set.tracks.detections.push_back({label, t, sum.z / count, sum.y / count, sum.x / count, static_cast<std::int64_t>(set.tracks.detections.size()) + 1, -1, -1});
    }
    return {};
}

/// Gives cells their mothers and says where text and masks disagree.
void joinTracks(const std::vector<CtcTrack>& tracks, const std::string& place, TrackSet& set) {
    std::map<std::int64_t, CtcTrack> byLabel;
    for (const CtcTrack& track : tracks) byLabel[track.label] = track;
    std::map<std::int64_t, std::size_t> last;
    std::set<std::int64_t> unlisted;
    for (std::size_t i = 0; i < set.tracks.detections.size(); ++i) {
        Detection& cell = set.tracks.detections[i];
        const auto track = byLabel.find(cell.trackId);
        if (track == byLabel.end())
            unlisted.insert(cell.trackId);
        else if (track->second.parent > 0)
            cell.parentTrackId = track->second.parent;
        const auto before = last.find(cell.trackId), mother = last.find(cell.parentTrackId);
        if (before != last.end())
            cell.parentId = set.tracks.detections[before->second].id;
        else if (mother != last.end())
            cell.parentId = set.tracks.detections[mother->second].id;
        last[cell.trackId] = i;
    }
    const auto unseen = std::ranges::count_if(byLabel, [&](const auto& entry) { return !last.contains(entry.first); });
    if (unseen > 0) set.tracks.warnings.push_back(fmt::format("{} tracks of {} are in no mask.", unseen, place));
    if (!unlisted.empty()) set.tracks.warnings.push_back(fmt::format("{} labels of the masks (such as {}) are not listed in {}; they are shown as tracks without a mother.", unlisted.size(), *unlisted.begin(), place));
}

}  // namespace

Result<std::vector<CtcTrack>> readCtcTracks(const fs::path& file) {
    DS_ASSIGN(const std::string text, readFile(file));
    std::istringstream lines(text);
    std::vector<CtcTrack> tracks;
    std::set<std::int64_t> labels;
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        std::istringstream fields(line);
        CtcTrack track;
        std::string rest;
        const bool read = static_cast<bool>(fields >> track.label >> track.begin >> track.end >> track.parent);
        if (!read || fields >> rest || track.label < 1 || track.begin < 0 || track.end < track.begin || track.parent < 0)
            return fail(ErrorCode::BadInput, fmt::format("{}, line {}: '{}' is not a track.", file.string(), number, line.substr(0, 80)), "Every line has label, first frame, last frame and mother (0 for none).");
        if (!labels.insert(track.label).second) return fail(ErrorCode::BadInput, fmt::format("{}, line {}: track {} is there twice.", file.string(), number, track.label), "Remove one of the lines.");
        tracks.push_back(track);
    }
    return tracks;
}

Result<TrackSet> readCtc(const fs::path& folder) {
    DS_ASSIGN(const fs::path text, textFile(folder));
    DS_ASSIGN(const std::vector<CtcTrack> tracks, readCtcTracks(text));
    TrackSet set;
    set.format = "Cell Tracking Challenge";
    DS_ASSIGN(set.masks, maskFiles(text.parent_path()));
    set.frames = static_cast<std::int64_t>(set.masks.size());
    for (std::size_t t = 0; t < set.masks.size(); ++t)
        if (!set.masks[t].empty()) DS_TRY(readMask(set.masks[t], static_cast<std::int64_t>(t), set));
    joinTracks(tracks, text.string(), set);
    DS_TRY(checkTracks(set, text.string()));
    return set;
}

}  // namespace driftscope::cells
