#include "widgets/session/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QFile>
#include <QFileInfo>
#include <cstring>
#include <vector>

namespace driftscope {
namespace {

/// Owns the two attribute objects of posix_spawn.
class SpawnSetup {
  public:
    explicit SpawnSetup(const QByteArray& outputFile) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, outputFile.constData(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO);
        posix_spawnattr_init(&attributes_);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
    }
    ~SpawnSetup() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;

    int spawn(pid_t& pid, const QByteArray& program, char* const* arguments, char* const* environment) const {
        return ::posix_spawn(&pid, program.constData(), &actions_, &attributes_, arguments, environment);
    }

  private:
    posix_spawn_file_actions_t actions_;
    posix_spawnattr_t attributes_;
};

std::vector<char*> pointers(std::vector<QByteArray>& texts) {
    std::vector<char*> list;
    for (QByteArray& text : texts) list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

/// Our environment, with the number of computing threads set when `threads` is positive.
std::vector<QByteArray> childEnvironment(int threads) {
    std::vector<QByteArray> list;
    for (char** entry = environ; *entry; ++entry) {
        const QByteArray text(*entry);
        if (threads > 0 && (text.startsWith("OMP_NUM_THREADS=") || text.startsWith("OPENBLAS_NUM_THREADS="))) continue;
        list.push_back(text);
    }
    if (threads > 0) {
        list.push_back("OMP_NUM_THREADS=" + QByteArray::number(threads));
        list.push_back("OPENBLAS_NUM_THREADS=" + QByteArray::number(threads));
    }
    return list;
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const QString& program, const QStringList& arguments, const QString& outputFile, int threads) {
    const QByteArray path = QFile::encodeName(program);
    if (!QFileInfo(program).isExecutable())
        return fail(ErrorCode::NotFound, "The program that runs jobs is not at " + path.toStdString() + ".",
                    "Build or install driftscope-run beside driftscope, or name it with --runner.");
    std::vector<QByteArray> words{path};
    for (const QString& argument : arguments) words.push_back(QFile::encodeName(argument));
    std::vector<QByteArray> environment = childEnvironment(threads);
    pid_t pid = 0;
    const int error = SpawnSetup(QFile::encodeName(outputFile)).spawn(pid, path, pointers(words).data(), pointers(environment).data());
    if (error != 0)
        return fail(ErrorCode::Io, fmt::format("Cannot start {} with its output in {}: {}.", path.constData(), outputFile.toStdString(), std::strerror(error)),
                    "Check that the project folder is writable and the disk is not full.");
    return ChildProcess(pid);
}

std::optional<ChildExit> ChildProcess::poll() const {
    int status = 0;
    const pid_t answer = ::waitpid(static_cast<pid_t>(pid_), &status, WNOHANG);
    if (answer == 0) return std::nullopt;
    if (answer < 0) return ChildExit{-1, 0};  // reaped elsewhere: how it ended is in its run folder
    if (WIFSIGNALED(status)) return ChildExit{-1, WTERMSIG(status)};
    return ChildExit{WEXITSTATUS(status), 0};
}

bool processRuns(long pid) {
    if (pid <= 0 || ::kill(static_cast<pid_t>(pid), 0) != 0) return false;
    QFile file(QStringLiteral("/proc/%1/stat").arg(pid));
    if (!file.open(QIODevice::ReadOnly)) return true;
    const QByteArray stat = file.readAll();
    const qsizetype afterName = stat.lastIndexOf(')');
    return stat.mid(afterName + 2, 1) != "Z";
}

}  // namespace driftscope
