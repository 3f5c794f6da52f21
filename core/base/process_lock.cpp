#include "core/base/process_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/clock.h"

namespace driftscope {
namespace {

namespace fs = std::filesystem;

std::string machineName() {
    std::array<char, HOST_NAME_MAX + 1> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

std::string programName() {
    std::error_code code;
    const fs::path program = fs::read_symlink("/proc/self/exe", code);
    return code ? std::string("unknown program") : program.filename().string();
}

/// Says who holds the lock. Advice only: a failure to write it does not weaken the lock.
void signLock(int descriptor) {
    const nlohmann::json holder = {
        {"pid", ::getpid()}, {"program", programName()}, {"machine", machineName()}, {"since", isoTime(now())}};
    const std::string text = holder.dump() + "\n";
    if (::ftruncate(descriptor, 0) != 0) return;
    [[maybe_unused]] const ssize_t written = ::pwrite(descriptor, text.data(), text.size(), 0);
}

std::string describeHolder(int descriptor) {
    std::array<char, 1024> buffer{};
    const ssize_t size = ::pread(descriptor, buffer.data(), buffer.size(), 0);
    const auto holder = nlohmann::json::parse(
        std::string_view(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0), nullptr, false);
    if (!holder.is_object()) return "another process";
    const int pid = holder.value("pid", 0);
    const std::string machine = holder.value("machine", std::string());
    return fmt::format("process {} ({}{}, since {})", pid, holder.value("program", std::string("unknown program")),
                       machine == machineName() ? (pid == ::getpid() ? ", this very process" : "") : " on " + machine,
                       holder.value("since", std::string("an unknown time")));
}

}  // namespace

Result<ProcessLock> ProcessLock::take(const fs::path& file, const std::string& guarded) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0)
        return fail(
            ErrorCode::Io,
            fmt::format("Cannot lock {}: {} could not be made ({}).", guarded, file.string(), std::strerror(errno)),
            "Check that the folder exists and that you may write there.");
    ProcessLock lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
        signLock(descriptor);
        return lock;
    }
    const int number = errno;
    tl::unexpected<Error> failure =
        number == EWOULDBLOCK
            ? fail(ErrorCode::Io, fmt::format("{} is in use by {}.", guarded, describeHolder(descriptor)),
                   "Close it there first, then try again.")
            : fail(ErrorCode::Io, fmt::format("Cannot lock {}: {}.", guarded, std::strerror(number)),
                   "The file system does not offer locks: keep the project on a local disk.");
    ::close(std::exchange(lock.descriptor_, -1));  // not release(): the holder's signature stays
    return failure;
}

ProcessLock::ProcessLock(ProcessLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

ProcessLock& ProcessLock::operator=(ProcessLock&& other) noexcept {
    if (this != &other) {
        release();
        descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
}

ProcessLock::~ProcessLock() {
    release();
}

void ProcessLock::release() {
    if (descriptor_ < 0) return;
    // The file stays: removing it would let two processes lock two files of one name.
    [[maybe_unused]] const int status = ::ftruncate(descriptor_, 0);
    ::close(std::exchange(descriptor_, -1));
}

}  // namespace driftscope
