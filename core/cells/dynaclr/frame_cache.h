#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "core/cells/dynaclr/cell_dataset.h"
#include "core/cells/dynaclr/patch.h"

namespace driftscope::cells {

/// How the slices of a patch become the encoder's Z.
enum class ZReduction {
    None,     ///< all slices of the range
    Maximum,  ///< maximum projection
    Channel,  ///< centre slice of label-free channels (by their name), maximum of the others, as VisCy
};
Result<ZReduction> zReductionFromName(const std::string& name);

/// Which part of a movie is read.
struct VolumeSelection {
    std::vector<std::int64_t> channels;
    std::int64_t zBegin = 0;
    std::int64_t zEnd = 1;
    ZReduction reduction = ZReduction::None;

    std::int64_t depth() const { return reduction == ZReduction::None ? zEnd - zBegin : 1; }
};

/// Resolves channel names or numbers and the slice range against every field. `zRange` is empty (all slices) or
/// [begin, end). Errors: unknown channel (the known ones listed), range outside, fields that differ in channels or depth.
Result<VolumeSelection> selectVolume(const CellDataset& dataset, const std::vector<std::string>& channels, const std::vector<std::int64_t>& zRange,
                                     ZReduction reduction);

/// True for names of channels without a label: phase, brightfield, retardance, DIC, …
bool isLabelFree(const std::string& channelName);

/// Decoded frames, least recently used dropped first. Each frame is decoded once as long as it stays. Thread-safe.
class FrameCache {
  public:
    FrameCache(const CellDataset& dataset, VolumeSelection selection, std::size_t bytes) : dataset_(&dataset), selection_(std::move(selection)), limit_(bytes) {}

    Result<std::shared_ptr<const Volume>> frame(std::uint32_t field, std::int64_t t);
    const VolumeSelection& selection() const { return selection_; }
    std::size_t decoded() const { return decoded_; }  ///< frames decoded so far
    std::size_t limit() const { return limit_; }
    /// Memory one frame of `field` takes.
    std::size_t frameBytes(std::uint32_t field) const;

  private:
    using Key = std::pair<std::uint32_t, std::int64_t>;
    struct Entry {
        std::shared_ptr<const Volume> volume;
        std::list<Key>::iterator place;
    };
    Result<std::shared_ptr<const Volume>> decode(const Key& key) const;

    const CellDataset* dataset_;
    VolumeSelection selection_;
    std::size_t limit_;
    std::mutex mutex_;
    std::map<Key, Entry> entries_;
    std::list<Key> order_;  ///< most recent first
    std::size_t bytes_ = 0;
    std::size_t decoded_ = 0;
};

}  // namespace driftscope::cells
