#include "widgets/image/lazy_images.h"

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace driftscope::image {

namespace {
constexpr std::size_t kDefaultBudget = std::size_t{256} << 20;
}

struct LazyImages::State {
    struct Entry {
        QImage image;
        std::list<int>::iterator use;
    };

    std::mutex mutex;
    std::condition_variable_any wake;
    std::shared_ptr<const Source> source;
    std::uint64_t generation = 0;
    std::vector<int> queue;  // newest last
    int inWork = -1;
    std::unordered_map<int, Entry> cache;
    std::list<int> uses;
    std::size_t bytes = 0, budget = kDefaultBudget;
    int made = 0;
    std::jthread thread;

    void insert(int index, QImage image) {
        bytes += static_cast<std::size_t>(image.sizeInBytes());
        uses.push_front(index);
        cache[index] = {std::move(image), uses.begin()};
        ++made;
        while (bytes > budget && cache.size() > 1) {
            const auto last = cache.find(uses.back());
            bytes -= static_cast<std::size_t>(last->second.image.sizeInBytes());
            cache.erase(last);
            uses.pop_back();
        }
    }
};

LazyImages::LazyImages(QObject* parent) : QObject(parent), state_(std::make_unique<State>()) {
    state_->thread = std::jthread([this](const std::stop_token& stop) {
        State& s = *state_;
        std::unique_lock lock(s.mutex);
        while (s.wake.wait(lock, stop, [&] { return !s.queue.empty(); })) {
            const int index = s.queue.back();
            s.queue.pop_back();
            s.inWork = index;
            const auto source = s.source;
            const std::uint64_t generation = s.generation;
            lock.unlock();
            QImage image = (*source)(index);
            lock.lock();
            s.inWork = -1;
            if (generation != s.generation) continue;
            s.insert(index, std::move(image));
            QMetaObject::invokeMethod(
                this, [this, index] { Q_EMIT ready(index); }, Qt::QueuedConnection);
        }
    });
}

LazyImages::~LazyImages() {
    state_->thread.request_stop();
    state_->thread.join();
}

void LazyImages::setSource(Source source) {
    const std::lock_guard lock(state_->mutex);
    state_->source = source ? std::make_shared<const Source>(std::move(source)) : nullptr;
    ++state_->generation;
    state_->queue.clear();
    state_->inWork = -1;
    state_->cache.clear();
    state_->uses.clear();
    state_->bytes = 0;
}

void LazyImages::setBudget(std::size_t bytes) {
    const std::lock_guard lock(state_->mutex);
    state_->budget = bytes;
}

LazyImages::Status LazyImages::request(int index, QImage* image) {
    const std::lock_guard lock(state_->mutex);
    State& s = *state_;
    if (const auto found = s.cache.find(index); found != s.cache.end()) {
        s.uses.splice(s.uses.begin(), s.uses, found->second.use);
        *image = found->second.image;
        return image->isNull() ? Status::Missing : Status::Ready;
    }
    if (!s.source) return Status::Missing;
    if (s.inWork == index) return Status::Pending;
    std::erase(s.queue, index);
    s.queue.push_back(index);
    s.wake.notify_one();
    return Status::Pending;
}

void LazyImages::forgetRequests() {
    const std::lock_guard lock(state_->mutex);
    state_->queue.clear();
}

int LazyImages::made() const {
    const std::lock_guard lock(state_->mutex);
    return state_->made;
}

}  // namespace driftscope::image
