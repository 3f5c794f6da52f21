#include "core/base/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace driftscope {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> ioError(const char* action, const fs::path& path, int number) {
    const char* remedy = number == ENOSPC   ? "The disk is full: free some space and try again; the old file is untouched."
                         : number == EACCES ? "You may not write there: choose another folder or change its permissions."
                         : number == EROFS  ? "The disk is read-only: choose another folder."
                                            : "Check the folder and the disk.";
    return fail(ErrorCode::Io, fmt::format("Cannot {} {}: {}.", action, path.string(), std::strerror(number)), remedy);
}

Result<void> syncPath(const fs::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return ioError("open", path, errno);
    const int status = ::fsync(file);
    const int number = errno;
    ::close(file);
    if (status != 0 && number != EINVAL) return ioError("flush", path, number);
    return {};
}

Result<void> writeAll(const fs::path& path, std::string_view content) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) return ioError("create", path, errno);
    while (!content.empty()) {
        const ssize_t written = ::write(file, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            const int number = errno;
            ::close(file);
            return ioError("write", path, number);
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::close(file) != 0) return ioError("close", path, errno);
    return {};
}

}  // namespace

fs::path temporaryBeside(const fs::path& target) {
    static std::atomic<unsigned> counter{0};
    return target.parent_path() / fmt::format(".{}.{}.{}.tmp", target.filename().string(), ::getpid(), counter++);
}

Result<void> commitFile(const fs::path& temporary, const fs::path& target) {
    if (auto synced = syncPath(temporary); !synced) {
        ::unlink(temporary.c_str());
        return synced;
    }
    if (::rename(temporary.c_str(), target.c_str()) != 0) {
        const int number = errno;
        ::unlink(temporary.c_str());
        return ioError("replace", target, number);
    }
    // The rename itself is durable only once the folder is flushed.
    return syncPath(target.parent_path().empty() ? fs::path(".") : target.parent_path());
}

Result<void> writeFileAtomically(const fs::path& target, std::string_view content) {
    const fs::path temporary = temporaryBeside(target);
    if (auto written = writeAll(temporary, content); !written) {
        ::unlink(temporary.c_str());
        return written;
    }
    return commitFile(temporary, target);
}

Result<std::string> readFile(const fs::path& path) {
    std::error_code code;
    if (fs::is_directory(path, code))
        return fail(ErrorCode::BadInput, fmt::format("{} is a folder, not a file.", path.string()), "Name a file.");
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        if (!fs::exists(path, code)) return fail(ErrorCode::NotFound, fmt::format("{} does not exist.", path.string()), "Check the path.");
        return ioError("open", path, errno);
    }
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

Result<void> makeFolder(const fs::path& folder) {
    std::error_code code;
    fs::create_directories(folder, code);
    if (code) return ioError("make the folder", folder, code.value());
    return {};
}

}  // namespace driftscope
