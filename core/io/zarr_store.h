#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/io/buffer.h"

namespace driftscope::io {

/// Where a Zarr hierarchy keeps its keys: today a folder; archives and shards look the same from outside. Thread-safe.
class ZarrStore {
  public:
    virtual ~ZarrStore() = default;
    /// Reads `length` bytes from `begin` of the value of `key` (to its end when length is kWhole) into `out`.
    /// Returns false when there is no such key. Errors: unreadable, larger than `limit` bytes, shorter than asked for.
    virtual Result<bool> read(const std::string& key, std::uint64_t begin, std::uint64_t length, std::uint64_t limit, Buffer& out) const = 0;
    /// Bytes of the value of `key`; nothing when there is no such key.
    virtual Result<std::optional<std::uint64_t>> size(const std::string& key) const = 0;
    /// The name of a key in messages.
    virtual std::string place(const std::string& key) const = 0;

    static constexpr std::uint64_t kWhole = ~0ull;
};

class ZarrFolder final : public ZarrStore {
  public:
    explicit ZarrFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}
    Result<bool> read(const std::string& key, std::uint64_t begin, std::uint64_t length, std::uint64_t limit, Buffer& out) const override;
    Result<std::optional<std::uint64_t>> size(const std::string& key) const override;
    std::string place(const std::string& key) const override { return (folder_ / key).string(); }

  private:
    std::filesystem::path folder_;
};

}  // namespace driftscope::io
