#include "core/io/zarr_shards.h"

#include <charconv>
#include <cstring>

namespace driftscope::io {
namespace {

constexpr std::size_t kKept = 64u << 20;

}  // namespace

ZarrShards::Place ZarrShards::locate(const std::string& key) const {
    std::vector<std::int64_t> shard, inside;
    const char* at = key.data();
    const char* const end = at + key.size();
    for (const std::int64_t chunks : level_.chunks) {
        std::int64_t number = 0;
        at = std::from_chars(at, end, number).ptr;
        if (at != end) ++at;
        shard.push_back(number / chunks);
        inside.push_back(number % chunks);
    }
    Place place{fmt::format("{}{}", level_.prefix, fmt::join(shard, level_.separator)), 0};
    for (const std::size_t axis : level_.axisOf) place.entry = place.entry * static_cast<std::size_t>(level_.chunks[axis]) + static_cast<std::size_t>(inside[axis]);
    return place;
}

Result<std::shared_ptr<const ZarrShards::Index>> ZarrShards::readIndex(const std::string& shard) const {
    auto index = std::make_shared<Index>();
    DS_ASSIGN(const auto size, shards_->size(shard));
    if (!size) return index;
    if (*size < level_.indexBytes) return fail(ErrorCode::BadInput, fmt::format("{} is cut off: it has {} bytes, fewer than its index.", shards_->place(shard), *size), "Copy it again.");
    Buffer encoded, decoded, spare;
    DS_ASSIGN(const bool found, shards_->read(shard, level_.indexAtEnd ? *size - level_.indexBytes : 0, level_.indexBytes, level_.indexBytes, encoded));
    if (!found) return index;
    std::size_t entries = 1;
    for (const std::int64_t chunks : level_.chunks) entries *= static_cast<std::size_t>(chunks);
    std::span<const std::byte> bytes = encoded.bytes();
    if (!level_.indexPipeline.raw()) {
        if (auto done = level_.indexPipeline.decode(bytes, {16 * entries}, decoded, spare); !done)
            return tl::unexpected(std::move(done.error()).during("in the index of the shard " + shards_->place(shard)));
        bytes = decoded.bytes();
    }
    index->resize(entries);
    std::memcpy(index->data(), bytes.data(), bytes.size());
    if (level_.indexBigEndian) swapBytes(reinterpret_cast<std::byte*>(index->data()), 2 * entries, 8);
    for (const Entry& entry : *index)
        if (!entry.absent() && (entry.begin > *size || entry.length > *size - entry.begin))
            return fail(ErrorCode::BadInput, fmt::format("The index of the shard {} points outside it.", shards_->place(shard)), "The shard is damaged or cut off: copy it again.");
    return index;
}

Result<std::shared_ptr<const ZarrShards::Index>> ZarrShards::index(const std::string& shard) const {
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = known_.find(shard); found != known_.end()) {
            kept_.splice(kept_.begin(), kept_, found->second);
            return found->second->second;
        }
    }
    DS_ASSIGN(const auto index, readIndex(shard));
    const std::lock_guard lock(mutex_);
    if (known_.contains(shard)) return index;
    kept_.emplace_front(shard, index);
    known_.emplace(shard, kept_.begin());
    keptBytes_ += index->size() * sizeof(Entry) + shard.size();
    while (keptBytes_ > kKept && kept_.size() > 1) {
        const auto& [key, old] = kept_.back();
        keptBytes_ -= old->size() * sizeof(Entry) + key.size();
        known_.erase(key);
        kept_.pop_back();
    }
    return index;
}

Result<ZarrShards::Entry> ZarrShards::find(const Place& place) const {
    DS_ASSIGN(const auto found, index(place.shard));
    return found->empty() ? Entry{~0ull, ~0ull} : (*found)[place.entry];
}

Result<bool> ZarrShards::read(const std::string& key, std::uint64_t begin, std::uint64_t length, std::uint64_t limit, Buffer& out) const {
    const Place where = locate(key);
    DS_ASSIGN(const Entry entry, find(where));
    if (entry.absent()) return false;
    if (length == kWhole) length = entry.length - std::min(begin, entry.length);
    if (length > limit) return fail(ErrorCode::BadInput, fmt::format("{} has {} bytes, more than a chunk of this array can need.", place(key), length), "The array's metadata or this shard is damaged.");
    if (begin > entry.length || length > entry.length - begin) return fail(ErrorCode::BadInput, fmt::format("{} is cut off: it has {} bytes.", place(key), entry.length), "Copy it again.");
    return shards_->read(where.shard, entry.begin + begin, length, limit, out);
}

Result<std::optional<std::uint64_t>> ZarrShards::size(const std::string& key) const {
    DS_ASSIGN(const Entry entry, find(locate(key)));
    if (entry.absent()) return std::nullopt;
    return entry.length;
}

std::string ZarrShards::place(const std::string& key) const {
    return key.empty() ? shards_->place("") : fmt::format("{} (chunk {})", shards_->place(locate(key).shard), key);
}

}  // namespace driftscope::io
