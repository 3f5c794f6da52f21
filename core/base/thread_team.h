#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <vector>

namespace driftscope {

/// A caller and its helpers, who work off one list of tasks at a time. Helpers start with the first list and then wait
/// for the next one, so that a picture of a few milliseconds does not pay for starting threads. Whoever needs one owns
/// it; several threads may share a team: one that finds it busy (also a task of its own list) does its tasks alone.
class ThreadTeam {
  public:
    /// `threads` counts the caller; 0 takes as many as the machine has cores.
    explicit ThreadTeam(unsigned threads = 0);
    ~ThreadTeam();
    ThreadTeam(const ThreadTeam&) = delete;
    ThreadTeam& operator=(const ThreadTeam&) = delete;

    unsigned size() const { return size_; }

    /// Calls work(i) once for every i below `tasks`, lowest first, and returns when all are done. The first exception
    /// (by time) is thrown again here; tasks not yet begun are dropped then.
    template <class Work>
    void run(std::size_t tasks, Work&& work) {
        using Plain = std::remove_reference_t<Work>;
        runList({[](const void* context, std::size_t i) { (*static_cast<Plain*>(const_cast<void*>(context)))(i); },
                 &work, tasks});
    }

    /// As run(), on the half-open ranges that cut [0, count) into pieces of about `grain`: work(begin, end).
    template <class Work>
    void runRanges(std::size_t count, std::size_t grain, Work&& work) {
        const std::size_t pieces = count == 0 ? 0 : (count + grain - 1) / grain;
        run(pieces, [&](std::size_t i) { work(i * grain, i + 1 == pieces ? count : (i + 1) * grain); });
    }

  private:
    struct List {
        void (*call)(const void* context, std::size_t task) = nullptr;
        const void* context = nullptr;
        std::size_t tasks = 0;
    };
    void runList(const List& list);
    void help(const std::stop_token& stop);
    void takeTasks(const List& list);

    const unsigned size_;
    std::atomic<bool> taken_{false};  ///< some thread's list is worked off
    std::mutex mutex_;                ///< guards list_, open_, busy_, round_ and failure_
    std::condition_variable_any wake_;
    std::condition_variable done_;
    List list_;
    bool open_ = false;  ///< helpers may join the list
    unsigned busy_ = 0;  ///< helpers at work
    unsigned long round_ = 0;
    std::exception_ptr failure_;
    std::atomic<std::size_t> next_{0};
    std::vector<std::jthread> helpers_;  // last: joined before anything they touch goes
};

/// run() of a team that may be missing: then the caller does the tasks alone.
template <class Work>
void shareOut(ThreadTeam* team, std::size_t tasks, Work&& work) {
    if (team != nullptr) return team->run(tasks, work);
    for (std::size_t i = 0; i < tasks; ++i) work(i);
}

/// The same for runRanges().
template <class Work>
void shareOutRanges(ThreadTeam* team, std::size_t count, std::size_t grain, Work&& work) {
    if (team != nullptr) return team->runRanges(count, grain, work);
    if (count > 0) work(std::size_t{0}, count);
}

/// Makes the calling thread give way to others, for work that nobody waits for. It cannot be taken back.
void yieldToOtherThreads();

}  // namespace driftscope
