#include "core/io/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace driftscope::io {

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        const bool absent = errno == ENOENT;
        return fail(absent ? ErrorCode::NotFound : ErrorCode::Io, fmt::format("Cannot open {}: {}.", path.string(), std::strerror(errno)),
                    absent ? "Check the path." : "Check its permissions.");
    }
    struct stat info {};
    const bool regular = ::fstat(file, &info) == 0 && S_ISREG(info.st_mode);
    const auto size = static_cast<std::size_t>(info.st_size);
    void* address = regular && size > 0 ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0) : nullptr;
    const int number = errno;
    ::close(file);
    if (!regular) return fail(ErrorCode::BadInput, fmt::format("{} is not a file.", path.string()), "Name a file.");
    if (address == MAP_FAILED) return fail(ErrorCode::Io, fmt::format("Cannot map {}: {}.", path.string(), std::strerror(number)));
    return MappedFile({static_cast<const std::byte*>(address), size});
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
}

MappedFile::~MappedFile() {
    if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace driftscope::io
