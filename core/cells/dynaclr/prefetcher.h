#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "core/base/error.h"

namespace driftscope::cells {

/// Makes items 0, 1, … count - 1 in order on another thread, at most `ahead` before they are taken, so that reading and
/// cutting hide behind computing. The producer must outlive the prefetcher.
template <class Item>
class Prefetcher {
  public:
    Prefetcher(std::size_t count, std::size_t ahead, std::function<Result<Item>(std::size_t)> make) : count_(count), ahead_(ahead), make_(std::move(make)) {
        worker_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
    }
    Prefetcher(const Prefetcher&) = delete;
    Prefetcher& operator=(const Prefetcher&) = delete;
    ~Prefetcher() {
        worker_.request_stop();
        changed_.notify_all();
    }

    /// The next item; blocks until it is made. To be called `count` times at most.
    Result<Item> next() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !ready_.empty(); });
        Result<Item> item = std::move(ready_.front());
        ready_.pop_front();
        lock.unlock();
        changed_.notify_all();
        return item;
    }

  private:
    void work(const std::stop_token& stop) {
        for (std::size_t index = 0; index < count_ && !stop.stop_requested(); ++index) {
            Result<Item> item = make_(index);
            const bool good = item.has_value();
            std::unique_lock lock(mutex_);
            changed_.wait(lock, stop, [&] { return ready_.size() < ahead_; });
            ready_.push_back(std::move(item));
            lock.unlock();
            changed_.notify_all();
            if (!good) return;
        }
    }

    std::size_t count_;
    std::size_t ahead_;
    std::function<Result<Item>(std::size_t)> make_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Result<Item>> ready_;
    std::jthread worker_;
};

}  // namespace driftscope::cells
