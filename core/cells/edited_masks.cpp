#include "core/cells/edited_masks.h"

#include <algorithm>
#include <unordered_map>

namespace driftscope::cells {
namespace {

using Names = std::unordered_map<std::uint32_t, std::uint32_t>;  ///< source's track -> now; 0: removed or painted anew

class EditedMasks final : public io::TimeLapse {
  public:
    EditedMasks(std::shared_ptr<const io::TimeLapse> source, std::map<std::int64_t, Names> names, std::map<std::int64_t, std::vector<std::pair<std::uint32_t, CellPatch>>> patches)
        : source_(std::move(source)), names_(std::move(names)), patches_(std::move(patches)) {}

    const io::TimeLapseInfo& info() const override { return source_->info(); }
    const std::filesystem::path& path() const override { return source_->path(); }

    Result<io::FloatImage> plane(std::int64_t t, std::int64_t c, std::int64_t z) const override {
        DS_ASSIGN(const io::LabelImage mask, labels(t, c, z));
        io::FloatImage out(mask.width, mask.height);
        std::ranges::copy(mask.pixels, out.pixels.begin());
        return out;
    }
    Result<io::LabelImage> labels(std::int64_t t, std::int64_t c, std::int64_t z) const override {
        DS_ASSIGN(io::LabelImage mask, source_->labels(t, c, z));
        change(mask, t);
        return mask;
    }
    Result<io::LabelImage> labelsBy(ThreadTeam& team, std::int64_t t, std::int64_t c, std::int64_t z) const override {
        DS_ASSIGN(io::LabelImage mask, source_->labelsBy(team, t, c, z));
        change(mask, t);
        return mask;
    }

  private:
    void change(io::LabelImage& mask, std::int64_t t) const {
        if (const auto names = names_.find(t); names != names_.end())
            for (std::uint32_t& pixel : mask.pixels)
                if (const auto found = names->second.find(pixel); found != names->second.end()) pixel = found->second;
        const auto patches = patches_.find(t);
        if (patches == patches_.end()) return;
        for (const auto& [track, patch] : patches->second)
            for (int y = std::max(0, patch.top); y < std::min(mask.height, patch.top + patch.height); ++y)
                for (int x = std::max(0, patch.left); x < std::min(mask.width, patch.left + patch.width); ++x)
                    if (patch.contains(y, x)) mask.at(y, x) = track;
    }

    std::shared_ptr<const io::TimeLapse> source_;
    std::map<std::int64_t, Names> names_;
    std::map<std::int64_t, std::vector<std::pair<std::uint32_t, CellPatch>>> patches_;
};

}  // namespace

std::shared_ptr<const io::TimeLapse> editedMasks(std::shared_ptr<const io::TimeLapse> source, const TrackTable& sourceTracks, const EditedTracks& edited) {
    // What every source cell is called now; those that no detection names any more are gone.
    std::vector<std::uint32_t> nameNow(sourceTracks.detections.size(), 0);
    for (std::size_t i = 0; i < edited.sources().size(); ++i) {
        const Detection& d = edited.tracks().detections[i];
        if (edited.sources()[i] && !edited.patches().contains({d.trackId, d.t})) nameNow[*edited.sources()[i]] = static_cast<std::uint32_t>(d.trackId);
    }
    std::map<std::int64_t, Names> names;
    for (std::size_t i = 0; i < nameNow.size(); ++i) {
        const Detection& d = sourceTracks.detections[i];
        if (static_cast<std::int64_t>(nameNow[i]) != d.trackId) names[d.t][static_cast<std::uint32_t>(d.trackId)] = nameNow[i];
    }
    std::map<std::int64_t, std::vector<std::pair<std::uint32_t, CellPatch>>> patches;
    for (const auto& [cell, patch] : edited.patches()) patches[cell.second].emplace_back(static_cast<std::uint32_t>(cell.first), patch);
    if (names.empty() && patches.empty()) return source;
    return std::make_shared<EditedMasks>(std::move(source), std::move(names), std::move(patches));
}

}  // namespace driftscope::cells
