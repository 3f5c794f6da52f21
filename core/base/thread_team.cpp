#include "core/base/thread_team.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace driftscope {

ThreadTeam::ThreadTeam(unsigned threads)
    : size_(threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency())) {}

ThreadTeam::~ThreadTeam() {
    for (auto& helper : helpers_) helper.request_stop();
}

void ThreadTeam::runList(const List& list) {
    if (list.tasks == 0) return;
    // A single task leaves the team free for lists inside it.
    if (size_ == 1 || list.tasks == 1 || taken_.exchange(true, std::memory_order_acquire)) {
        for (std::size_t i = 0; i < list.tasks; ++i) list.call(list.context, i);
        return;
    }
    const struct Release {
        std::atomic<bool>& taken;
        ~Release() { taken.store(false, std::memory_order_release); }
    } release{taken_};
    while (helpers_.size() + 1 < size_) helpers_.emplace_back([this](const std::stop_token& stop) { help(stop); });
    {
        const std::lock_guard lock(mutex_);
        list_ = list;
        next_ = 0;
        open_ = true;
        ++round_;
    }
    wake_.notify_all();
    takeTasks(list);
    std::unique_lock lock(mutex_);
    open_ = false;  // a helper that wakes up only now finds nothing to do
    done_.wait(lock, [this] { return busy_ == 0; });
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void ThreadTeam::help(const std::stop_token& stop) {
    unsigned long seen = 0;
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [&] { return open_ && round_ != seen; })) {
        seen = round_;
        ++busy_;
        const List list = list_;
        lock.unlock();
        takeTasks(list);
        lock.lock();
        if (--busy_ == 0) done_.notify_one();
    }
}

void ThreadTeam::takeTasks(const List& list) {
    try {
        for (std::size_t i = next_++; i < list.tasks; i = next_++) list.call(list.context, i);
    } catch (...) {
        next_ = list.tasks;
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
    }
}

void yieldToOtherThreads() {
    // On Linux a thread has a niceness of its own; 0 means the calling thread. Refusal does no harm.
    constexpr int kNice = 5;
    (void)::setpriority(PRIO_PROCESS, 0, kNice);
}

}  // namespace driftscope
