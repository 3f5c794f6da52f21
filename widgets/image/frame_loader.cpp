#include "widgets/image/frame_loader.h"

#include <algorithm>
#include <condition_variable>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "widgets/image/frame_decoder.h"

namespace driftscope::image {

namespace {

constexpr int kThreads = 2;
constexpr int kAhead = 12, kBehind = 4;
constexpr std::size_t kDefaultBudget = std::size_t{1} << 30;

struct Key {
    int t = 0, z = -1;
    auto operator<=>(const Key&) const = default;
};

struct Request {
    Key key;
    std::uint64_t sequence = 0;
};

}  // namespace

struct FrameLoader::State {
    struct Entry {
        FramePtr frame;
        std::list<Key>::iterator use;
    };

    mutable std::mutex mutex;
    std::condition_variable_any wake;
    FrameSource source;
    std::uint64_t generation = 0;  // of the source: results of an older one are dropped
    std::uint64_t sequence = 0;
    std::optional<Request> wanted;  // not yet taken by a thread
    Key at;
    int direction = 0;
    bool started = false;  // something was requested since the source was set
    std::map<Key, Entry> cache;
    std::list<Key> uses;  // most recent first
    std::size_t bytes = 0, budget = kDefaultBudget, frameBytes = 0;
    std::set<Key> inFlight;
    int prefetching = 0;
    std::vector<std::jthread> threads;

    bool ready(const Key& key) const {
        const auto it = cache.find(key);
        return it != cache.end() && it->second.frame->displayVersion == source.displayVersion;
    }

    void clear() {
        cache.clear();
        uses.clear();
        bytes = frameBytes = 0;
        wanted.reset();
        started = false;
    }

    void touch(Entry& entry) { uses.splice(uses.begin(), uses, entry.use); }

    void insert(const Key& key, FramePtr frame) {
        if (const auto old = cache.find(key); old != cache.end()) {
            bytes -= old->second.frame->bytes();
            uses.erase(old->second.use);
            cache.erase(old);
        }
        frameBytes = frame->bytes();
        bytes += frameBytes;
        uses.push_front(key);
        cache[key] = {std::move(frame), uses.begin()};
        while (bytes > budget && cache.size() > 1) {
            const auto last = cache.find(uses.back());
            bytes -= last->second.frame->bytes();
            cache.erase(last);
            uses.pop_back();
        }
    }

    /// The nearest frame worth decoding ahead, as far as the budget reaches.
    std::optional<Key> ahead() const {
        if (!started || prefetching >= kThreads - 1) return std::nullopt;
        const int room = frameBytes == 0 ? 0 : static_cast<int>(std::min<std::size_t>(budget / frameBytes, 1000)) - 1;
        const int sign = direction < 0 ? -1 : 1;
        int tried = 0;
        for (int i = 1; i <= kAhead + kBehind; ++i) {
            const int step = i <= kAhead ? i : kAhead - i;
            const Key key{at.t + sign * step, at.z};
            if (key.t < 0 || key.t >= source.frames()) continue;
            if (++tried > room) break;
            if (!ready(key) && !inFlight.contains(key)) return key;
        }
        return std::nullopt;
    }

    bool hasWork() const { return (wanted && !inFlight.contains(wanted->key)) || ahead().has_value(); }
};

FrameLoader::FrameLoader(QObject* parent) : QObject(parent), state_(std::make_unique<State>()) {
    const auto work = [this](const std::stop_token& stop) {
        State& s = *state_;
        std::unique_lock lock(s.mutex);
        while (s.wake.wait(lock, stop, [&] { return s.hasWork(); })) {
            const bool visible = s.wanted && !s.inFlight.contains(s.wanted->key);
            const Request job = visible ? *s.wanted : Request{*s.ahead(), 0};
            if (visible)
                s.wanted.reset();
            else
                ++s.prefetching;
            s.inFlight.insert(job.key);
            const auto known = s.cache.find(job.key);
            const FramePtr old = known == s.cache.end() ? nullptr : known->second.frame;
            const FrameSource source = s.source;
            const std::uint64_t generation = s.generation;
            lock.unlock();
            FramePtr frame = old ? recompose(source, *old) : decode(source, job.key.t, job.key.z);
            lock.lock();
            s.inFlight.erase(job.key);
            if (!visible) --s.prefetching;
            if (generation == s.generation) {
                s.insert(job.key, frame);
                std::uint64_t sequence = job.sequence;
                if (s.wanted && s.wanted->key == job.key && s.ready(job.key)) {
                    sequence = s.wanted->sequence;
                    s.wanted.reset();
                }
                if (sequence != 0) deliver(generation, sequence, std::move(frame));
            }
            s.wake.notify_all();
        }
    };
    for (int i = 0; i < kThreads; ++i) state_->threads.emplace_back(work);
}

FrameLoader::~FrameLoader() {
    for (auto& thread : state_->threads) thread.request_stop();
    state_->threads.clear();
}

void FrameLoader::deliver(std::uint64_t generation, std::uint64_t sequence, FramePtr frame) {
    QMetaObject::invokeMethod(
        this,
        [this, generation, sequence, frame = std::move(frame)] {
            {
                const std::lock_guard lock(state_->mutex);
                if (generation != state_->generation) return;
            }
            Q_EMIT loaded(sequence, frame);
        },
        Qt::QueuedConnection);
}

void FrameLoader::setSource(std::shared_ptr<const io::TimeLapse> images, std::shared_ptr<const io::TimeLapse> labels) {
    const std::lock_guard lock(state_->mutex);
    state_->clear();
    ++state_->generation;
    state_->source.images = std::move(images);
    state_->source.labels = std::move(labels);
}

void FrameLoader::setDisplays(std::vector<ChannelDisplay> displays) {
    const std::lock_guard lock(state_->mutex);
    state_->source.displays = std::move(displays);
    ++state_->source.displayVersion;
}

void FrameLoader::setBudget(std::size_t bytes) {
    const std::lock_guard lock(state_->mutex);
    state_->budget = bytes;
}

FramePtr FrameLoader::request(int t, int z, int direction, std::uint64_t* sequence) {
    const std::lock_guard lock(state_->mutex);
    State& s = *state_;
    *sequence = ++s.sequence;
    s.at = {t, z};
    s.direction = direction;
    s.started = true;
    s.wanted.reset();
    FramePtr found;
    if (s.ready(s.at)) {
        auto& entry = s.cache.at(s.at);
        s.touch(entry);
        found = entry.frame;
    } else {
        s.wanted = Request{s.at, *sequence};
    }
    s.wake.notify_all();
    return found;
}

int FrameLoader::readyFrames() const {
    const std::lock_guard lock(state_->mutex);
    return static_cast<int>(std::count_if(state_->cache.begin(), state_->cache.end(),
                                          [this](const auto& entry) { return state_->ready(entry.first); }));
}

std::size_t FrameLoader::usedBytes() const {
    const std::lock_guard lock(state_->mutex);
    return state_->bytes;
}

}  // namespace driftscope::image
