#include "core/io/zarr_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace driftscope::io {
namespace {

/// Closes a file descriptor.
class OpenFile {
  public:
    explicit OpenFile(const char* path) : number_(::open(path, O_RDONLY | O_CLOEXEC)) {}
    ~OpenFile() {
        if (number_ >= 0) ::close(number_);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    int number() const { return number_; }

  private:
    int number_;
};

tl::unexpected<Error> unreadable(const std::string& place, int number) {
    return fail(ErrorCode::Io, fmt::format("Cannot read {}: {}.", place, std::strerror(number)), "Check the disk and the permissions.");
}

Result<void> readFully(int file, std::span<std::byte> out, std::uint64_t offset, const std::string& place) {
    while (!out.empty()) {
        const ssize_t count = ::pread(file, out.data(), out.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return unreadable(place, errno);
        if (count == 0) return fail(ErrorCode::BadInput, fmt::format("{} is cut off.", place), "Copy it again.");
        out = out.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
    return {};
}

}  // namespace

Result<std::optional<std::uint64_t>> ZarrFolder::size(const std::string& key) const {
    const std::string path = place(key);
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        return unreadable(path, errno);
    }
    return static_cast<std::uint64_t>(info.st_size);
}

Result<bool> ZarrFolder::read(const std::string& key, std::uint64_t begin, std::uint64_t length, std::uint64_t limit, Buffer& out) const {
    const std::string path = place(key);
    const OpenFile file(path.c_str());
    if (file.number() < 0) {
        if (errno == ENOENT || errno == ENOTDIR) return false;
        return unreadable(path, errno);
    }
    struct stat info {};
    if (::fstat(file.number(), &info) != 0) return unreadable(path, errno);
    if (!S_ISREG(info.st_mode)) return fail(ErrorCode::BadInput, fmt::format("{} is not a file.", path), "The array is damaged: copy it again.");
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (length == kWhole) length = size - std::min(begin, size);
    if (length > limit) return fail(ErrorCode::BadInput, fmt::format("{} has {} bytes, more than a chunk of this array can need.", path, length), "The array's metadata or this chunk is damaged.");
    if (begin > size || length > size - begin) return fail(ErrorCode::BadInput, fmt::format("{} is cut off: it has {} bytes.", path, size), "Copy it again.");
    DS_TRY(readFully(file.number(), out.prepare(static_cast<std::size_t>(length)), begin, path));
    return true;
}

}  // namespace driftscope::io
