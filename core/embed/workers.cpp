#include "core/embed/workers.h"

#include <algorithm>
#include <utility>

namespace driftscope::embed {

Workers::Workers(int threads) {
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    const int wanted = threads > 0 ? threads : std::max(1, cores - 1);
    for (int i = 1; i < wanted; ++i) team_.emplace_back([this] { member(); });
}

Workers::~Workers() {
    ended_ = true;
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
    for (std::thread& thread : team_) thread.join();
}

void Workers::forBlocks(std::size_t count, std::size_t grain, const Block& work) {
    count_ = count;
    grain_ = std::max<std::size_t>(grain, 1);
    work_ = &work;
    next_.store(0, std::memory_order_relaxed);
    const bool together = !team_.empty() && count > grain_;
    if (together) {
        busy_.store(static_cast<std::uint32_t>(team_.size()), std::memory_order_relaxed);
        round_.fetch_add(1, std::memory_order_release);
        round_.notify_all();
    }
    takeBlocks();
    if (together)
        for (std::uint32_t left = busy_.load(std::memory_order_acquire); left != 0; left = busy_.load(std::memory_order_acquire))
            busy_.wait(left, std::memory_order_acquire);
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Workers::member() {
    std::uint32_t seen = 0;
    while (true) {
        round_.wait(seen, std::memory_order_acquire);
        // Rounds come one at a time: forBlocks waits for every member before it starts the next.
        seen = round_.load(std::memory_order_acquire);
        if (ended_) return;
        takeBlocks();
        if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
    }
}

void Workers::takeBlocks() {
    try {
        for (std::size_t begin = next_.fetch_add(grain_); begin < count_; begin = next_.fetch_add(grain_))
            (*work_)(begin, std::min(begin + grain_, count_));
    } catch (...) {
        const std::lock_guard lock(failureLock_);
        if (!failure_) failure_ = std::current_exception();
    }
}

}  // namespace driftscope::embed
