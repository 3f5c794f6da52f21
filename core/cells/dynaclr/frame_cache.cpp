#include "core/cells/dynaclr/frame_cache.h"

#include <algorithm>
#include <charconv>
#include <cctype>

namespace driftscope::cells {
namespace {

/// A channel by its name, or by its number when no name matches.
Result<std::int64_t> findChannel(const io::TimeLapseInfo& info, const std::string& wanted) {
    for (std::size_t c = 0; c < info.channels.size(); ++c)
        if (info.channels[c].name == wanted) return static_cast<std::int64_t>(c);
    std::int64_t number = -1;
    const auto [stop, code] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
    if (code == std::errc() && stop == wanted.data() + wanted.size() && number >= 0 && number < info.shape[1]) return number;
    std::vector<std::string> known;
    for (const io::ChannelInfo& channel : info.channels) known.push_back(channel.name);
    return fail(ErrorCode::BadInput, fmt::format("{} has no channel '{}'; it has {}.", info.name, wanted, fmt::join(known, ", ")), "Check the parameter 'channels'.");
}

Result<std::vector<std::int64_t>> findChannels(const io::TimeLapseInfo& info, const std::vector<std::string>& wanted) {
    std::vector<std::int64_t> found;
    if (wanted.empty())
        for (std::int64_t c = 0; c < info.shape[1]; ++c) found.push_back(c);
    for (const std::string& name : wanted) {
        DS_ASSIGN(found.emplace_back(), findChannel(info, name));
    }
    return found;
}

void addPlane(const io::FloatImage& plane, bool first, float* into) {
    if (first)
        std::copy(plane.pixels.begin(), plane.pixels.end(), into);
    else
        std::transform(plane.pixels.begin(), plane.pixels.end(), into, into, [](float a, float b) { return std::max(a, b); });
}

}  // namespace

Result<ZReduction> zReductionFromName(const std::string& name) {
    if (name == "none") return ZReduction::None;
    if (name == "max") return ZReduction::Maximum;
    if (name == "channel") return ZReduction::Channel;
    return fail(ErrorCode::Usage, fmt::format("There is no slice reduction '{}'.", name), "Use none, max or channel.");
}

bool isLabelFree(const std::string& channelName) {
    std::string lower;
    for (const char c : channelName) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (lower == "bf" || lower == "pol" || lower == "phc") return true;
    for (const char* word : {"phase", "brightfield", "bright field", "retardance", "dic", "label-free", "labelfree", "transmitted"})
        if (lower.find(word) != std::string::npos) return true;
    return false;
}

Result<VolumeSelection> selectVolume(const CellDataset& dataset, const std::vector<std::string>& channels, const std::vector<std::int64_t>& zRange,
                                     ZReduction reduction) {
    VolumeSelection selection;
    selection.reduction = reduction;
    for (std::size_t i = 0; i < dataset.fields.size(); ++i) {
        const io::TimeLapseInfo& info = dataset.fields[i].images->info();
        DS_ASSIGN(const std::vector<std::int64_t> found, findChannels(info, channels));
        const std::int64_t begin = zRange.empty() ? 0 : zRange[0], end = zRange.empty() ? info.depth() : zRange.back();
        if (!zRange.empty() && zRange.size() != 2) return fail(ErrorCode::Usage, "The parameter 'z_range' needs two numbers, begin and end.");
        if (begin < 0 || end <= begin || end > info.depth())
            return fail(ErrorCode::BadInput, fmt::format("{} has {} slices; the range {} to {} does not fit.", info.name, info.depth(), begin, end), "Check 'z_range'.");
        if (i > 0 && (found != selection.channels || begin != selection.zBegin || end != selection.zEnd))
            return fail(ErrorCode::BadInput, fmt::format("{} differs in channels or slices from {}.", info.name, dataset.fields[0].name),
                        "Name the channels and 'z_range' explicitly, or choose positions that agree with 'fovs'.");
        selection.channels = found;
        selection.zBegin = begin;
        selection.zEnd = end;
    }
    return selection;
}

std::size_t FrameCache::frameBytes(std::uint32_t field) const {
    const io::TimeLapseInfo& info = dataset_->fields[field].images->info();
    return static_cast<std::size_t>(selection_.depth() * info.height() * info.width()) * selection_.channels.size() * sizeof(float);
}

Result<std::shared_ptr<const Volume>> FrameCache::frame(std::uint32_t field, std::int64_t t) {
    const std::lock_guard lock(mutex_);
    const Key key{field, t};
    if (const auto found = entries_.find(key); found != entries_.end()) {
        order_.splice(order_.begin(), order_, found->second.place);
        return found->second.volume;
    }
    DS_ASSIGN(std::shared_ptr<const Volume> volume, decode(key));
    ++decoded_;
    bytes_ += frameBytes(field);
    order_.push_front(key);
    entries_[key] = {volume, order_.begin()};
    while (bytes_ > limit_ && order_.size() > 1) {
        const Key oldest = order_.back();
        bytes_ -= frameBytes(oldest.first);
        entries_.erase(oldest);
        order_.pop_back();
    }
    return volume;
}

Result<std::shared_ptr<const Volume>> FrameCache::decode(const Key& key) const {
    const io::TimeLapse& images = *dataset_->fields[key.first].images;
    const io::TimeLapseInfo& info = images.info();
    auto volume = std::make_shared<Volume>();
    volume->channels = static_cast<std::int64_t>(selection_.channels.size());
    volume->depth = selection_.depth();
    volume->height = info.height();
    volume->width = info.width();
    volume->pixels.resize(frameBytes(key.first) / sizeof(float));
    float* into = volume->pixels.data();
    for (const std::int64_t channel : selection_.channels) {
        const bool centre = selection_.reduction == ZReduction::Channel && isLabelFree(info.channels[static_cast<std::size_t>(channel)].name);
        const std::int64_t middle = (selection_.zBegin + selection_.zEnd) / 2;
        const std::int64_t begin = centre ? middle : selection_.zBegin, end = centre ? middle + 1 : selection_.zEnd;
        for (std::int64_t z = begin; z < end; ++z) {
            DS_ASSIGN(const io::FloatImage plane, images.plane(key.second, channel, z));
            const bool stacked = selection_.reduction == ZReduction::None;
            addPlane(plane, stacked || z == begin, into);
            if (stacked || z + 1 == end) into += volume->planeSize();
        }
    }
    return std::shared_ptr<const Volume>(std::move(volume));
}

}  // namespace driftscope::cells
