#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.h"

namespace driftscope {

/// An exclusive lock between processes on one machine, held as long as the object lives. The lock belongs to the kernel
/// (flock): when its process dies, however it dies, the next one takes over; the text in the file only says who holds
/// it.
class ProcessLock {
  public:
    /// Takes the lock `file` (made when absent). `guarded` is what it protects, for the message.
    /// Errors: held by another process or by this one (named with id, program, machine and time), folder not writable.
    static Result<ProcessLock> take(const std::filesystem::path& file, const std::string& guarded);

    ProcessLock() = default;
    ProcessLock(ProcessLock&& other) noexcept;
    ProcessLock& operator=(ProcessLock&& other) noexcept;
    ~ProcessLock();

    bool held() const { return descriptor_ >= 0; }

  private:
    explicit ProcessLock(int descriptor) : descriptor_(descriptor) {}
    void release();

    int descriptor_ = -1;
};

}  // namespace driftscope
