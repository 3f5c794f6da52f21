#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace driftscope::bench {

/// A program of Debian's Python that answers one JSON line per JSON line: the other side of a comparison, interleaved with
/// ours in one run.
class Peer {
  public:
    explicit Peer(const std::string& script) {
        int toChild[2], fromChild[2];
        if (::pipe(toChild) != 0 || ::pipe(fromChild) != 0) throw std::runtime_error("no pipes");
        child_ = ::fork();
        if (child_ == 0) {
            ::dup2(toChild[0], STDIN_FILENO);
            ::dup2(fromChild[1], STDOUT_FILENO);
            ::close(toChild[1]);
            ::close(fromChild[0]);
            ::execl("/usr/bin/python3", "python3", script.c_str(), nullptr);
            ::_exit(127);
        }
        ::close(toChild[0]);
        ::close(fromChild[1]);
        to_ = ::fdopen(toChild[1], "w");
        from_ = ::fdopen(fromChild[0], "r");
    }
    ~Peer() {
        std::fclose(to_);
        std::fclose(from_);
        ::waitpid(child_, nullptr, 0);
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    nlohmann::json ask(const nlohmann::json& request) {
        std::fprintf(to_, "%s\n", request.dump().c_str());
        std::fflush(to_);
        char* line = nullptr;
        std::size_t size = 0;
        if (::getline(&line, &size, from_) < 0) throw std::runtime_error("the Python peer gave no answer; is its package installed?");
        const nlohmann::json answer = nlohmann::json::parse(line);
        std::free(line);
        return answer;
    }

  private:
    pid_t child_ = 0;
    std::FILE* to_ = nullptr;
    std::FILE* from_ = nullptr;
};

inline double clockSeconds(clockid_t clock) {
    timespec t{};
    ::clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}
inline double wallSeconds() {
    return clockSeconds(CLOCK_MONOTONIC);
}
/// Of the whole process: all threads together.
inline double cpuSeconds() {
    return clockSeconds(CLOCK_PROCESS_CPUTIME_ID);
}

inline double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.at(values.size() / 2);
}

}  // namespace driftscope::bench
