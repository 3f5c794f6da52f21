#include "core/cells/exchange/ctc_write.h"

#include <algorithm>
#include <map>

#include "core/base/atomic_file.h"
#include "core/io/tiff_write.h"

namespace driftscope::cells {
namespace {

/// A part of a track without gaps, with the label it gets.
struct Part {
    std::int64_t label = 0, begin = 0, end = 0, parent = 0;
};

/// Labels by track and frame: parts are numbered from 1, in the order of tracks.
class Parts {
  public:
    explicit Parts(const TrackSet& set) {
        std::map<std::int64_t, std::vector<const Detection*>> tracks;
        for (const Detection& cell : set.tracks.detections) tracks[cell.trackId].push_back(&cell);
        for (auto& [id, cells] : tracks) {
            std::ranges::sort(cells, {}, &Detection::t);
            for (const Detection* cell : cells) add(*cell);
        }
        for (auto& [id, parts] : partsOf_) {
            const std::int64_t mother = motherOf_[id];
            if (mother >= 0 && partsOf_.contains(mother))
                for (const Part& part : partsOf_[mother])
                    if (part.begin < parts.front().begin) parts.front().parent = part.label;
        }
    }

    std::string text() const {
        std::map<std::int64_t, Part> byLabel;
        for (const auto& [id, parts] : partsOf_)
            for (const Part& part : parts) byLabel[part.label] = part;
        std::string out;
        for (const auto& [label, part] : byLabel) out += fmt::format("{} {} {} {}\n", label, part.begin, part.end, part.parent);
        return out;
    }

    /// The label of a track in a frame; 0 when the track's table has no cell there.
    std::uint32_t labelOf(std::uint32_t track, std::int64_t t) const {
        const auto parts = partsOf_.find(track);
        if (parts == partsOf_.end()) return 0;
        for (const Part& part : parts->second)
            if (part.begin <= t && t <= part.end) return static_cast<std::uint32_t>(part.label);
        return 0;
    }
    std::int64_t count() const { return count_; }

  private:
    void add(const Detection& cell) {
        std::vector<Part>& parts = partsOf_[cell.trackId];
        if (parts.empty()) motherOf_[cell.trackId] = cell.parentTrackId;
        if (parts.empty() || parts.back().end + 1 < cell.t) parts.push_back({++count_, cell.t, cell.t, parts.empty() ? 0 : parts.back().label});
        parts.back().end = cell.t;
    }

    std::map<std::int64_t, std::vector<Part>> partsOf_;
    std::map<std::int64_t, std::int64_t> motherOf_;
    std::int64_t count_ = 0;
};

}  // namespace

Result<void> writeCtc(const std::filesystem::path& folder, const TrackSet& set, const TrackMasks& masks, const std::function<Result<void>(std::int64_t)>& step) {
    const Parts parts(set);
    if (parts.count() > 65535) return fail(ErrorCode::BadInput, fmt::format("{} tracks do not fit the 16-bit masks of the Cell Tracking Challenge.", parts.count()), "Choose GEFF or TrackMate XML.");
    std::error_code code;
    if (std::filesystem::exists(folder / "res_track.txt", code)) return fail(ErrorCode::BadInput, fmt::format("{} holds a result already.", folder.string()), "Choose another folder; nothing was changed.");
    DS_TRY(makeFolder(folder));
    for (std::int64_t t = 0; t < masks.frames(); ++t) {
        DS_ASSIGN(io::LabelImage image, masks.frame(t));
        std::map<std::uint32_t, std::uint32_t> known;
        for (std::uint32_t& pixel : image.pixels) {
            if (pixel == 0) continue;
            const auto [label, fresh] = known.emplace(pixel, 0);
            if (fresh) label->second = parts.labelOf(pixel, t);
            pixel = label->second;
        }
        DS_TRY(io::writeTiffLabels(folder / fmt::format("mask{:03}.tif", t), image));
        DS_TRY(step(t));
    }
    return writeFileAtomically(folder / "res_track.txt", parts.text());
}

}  // namespace driftscope::cells
