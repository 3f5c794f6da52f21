#pragma once

#include <QString>
#include <QStringList>
#include <optional>

#include "core/base/error.h"

namespace driftscope {

/// How a child process ended.
struct ChildExit {
    int code = 0;
    int signal = 0;  ///< 0: it returned by itself
};

/// A child in its own session: it goes on when the GUI ends or its terminal closes, which QProcess does not allow.
/// What it prints goes to a file. poll() must be called until it gives an exit, so that no zombie stays.
class ChildProcess {
  public:
    /// Errors: missing or not executable program, unwritable output file.
    static Result<ChildProcess> start(const QString& program, const QStringList& arguments, const QString& outputFile, int threads);

    long pid() const { return pid_; }
    /// The exit once the child has ended; empty while it runs.
    std::optional<ChildExit> poll() const;

  private:
    explicit ChildProcess(long pid) : pid_(pid) {}
    long pid_;
};

/// True when a process with this id exists and is not a zombie.
bool processRuns(long pid);

}  // namespace driftscope
