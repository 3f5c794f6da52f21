#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "core/io/zarr_metadata.h"
#include "core/io/zarr_store.h"

namespace driftscope::io {

/// The chunks inside the shards of another store, as a store of its own with the keys "i/j/k" of a regular grid.
/// Indexes of shards are kept, the most recently used up to 64 MiB. Thread-safe.
class ZarrShards final : public ZarrStore {
  public:
    ZarrShards(std::shared_ptr<const ZarrStore> shards, ShardLevel level) : shards_(std::move(shards)), level_(std::move(level)) {}

    /// Errors also: damaged index, a chunk that lies outside its shard.
    Result<bool> read(const std::string& key, std::uint64_t begin, std::uint64_t length, std::uint64_t limit, Buffer& out) const override;
    Result<std::optional<std::uint64_t>> size(const std::string& key) const override;
    std::string place(const std::string& key) const override;

  private:
    /// Where a chunk lies in its shard; `begin` ~0 for chunks that are absent.
    struct Entry {
        std::uint64_t begin = 0;
        std::uint64_t length = 0;
        bool absent() const { return begin == ~0ull && length == ~0ull; }
    };
    using Index = std::vector<Entry>;  ///< empty when the shard is absent

    struct Place {
        std::string shard;       ///< key of the shard
        std::size_t entry = 0;   ///< in its index
    };

    Place locate(const std::string& key) const;
    Result<std::shared_ptr<const Index>> index(const std::string& shard) const;
    Result<std::shared_ptr<const Index>> readIndex(const std::string& shard) const;
    Result<Entry> find(const Place& place) const;

    std::shared_ptr<const ZarrStore> shards_;
    ShardLevel level_;
    mutable std::mutex mutex_;
    using Kept = std::list<std::pair<std::string, std::shared_ptr<const Index>>>;  ///< most recent first
    mutable Kept kept_;
    mutable std::unordered_map<std::string, Kept::iterator> known_;
    mutable std::size_t keptBytes_ = 0;
};

}  // namespace driftscope::io
