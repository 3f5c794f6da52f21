#include "widgets/image/frame_loader.h"

#include <algorithm>
#include <condition_variable>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "core/base/thread_team.h"
#include "widgets/image/frame_decoder.h"

namespace driftscope::image {

namespace {

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
    bool serving = false;  // a requested frame is being decoded
    ThreadTeam team;       // of the thread that serves requests
    ThreadTeam alone{1};   // of the thread that decodes ahead
    std::jthread server, preparer;

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
        if (!started) return std::nullopt;
        const int room = frameBytes == 0 ? 0 : static_cast<int>(std::min<std::size_t>(budget / frameBytes, 1000)) - 1;
        const int sign = direction < 0 ? -1 : 1;
        int tried = 0;
        for (int i = 1; i <= kAhead + kBehind; ++i) {
            const int step = i <= kAhead ? i : kAhead - i;
            const Key key{at.t + sign * step, at.z};
            if (key.t < 0 || key.t >= source.frames()) continue;
            if (++tried > room) break;
            if (!ready(key)) return key;
        }
        return std::nullopt;
    }

    /// Someone waits for a frame.
    bool awaited() const { return wanted.has_value() || serving; }

    FramePtr known(const Key& key) const {
        const auto it = cache.find(key);
        return it == cache.end() ? nullptr : it->second.frame;
    }
};

FrameLoader::FrameLoader(QObject* parent) : QObject(parent), state_(std::make_unique<State>()) {
    state_->server = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    state_->preparer = std::jthread([this](const std::stop_token& stop) { prepare(stop); });
}

/// Decodes what is asked for, newest request only, with all cores.
void FrameLoader::serve(const std::stop_token& stop) {
    State& s = *state_;
    std::unique_lock lock(s.mutex);
    while (s.wake.wait(lock, stop, [&] { return s.wanted.has_value(); }) && !stop.stop_requested()) {
        const Request job = *s.wanted;
        s.wanted.reset();
        s.serving = true;
        const FramePtr old = s.known(job.key);
        const FrameSource source = s.source;
        const std::uint64_t generation = s.generation;
        const bool ready = s.ready(job.key);  // decoded ahead in the meantime
        lock.unlock();
        FramePtr frame = ready ? old
                         : old ? recompose(source, *old, s.team)
                               : decode(source, job.key.t, job.key.z, s.team);
        lock.lock();
        s.serving = false;
        if (generation == s.generation) {
            s.insert(job.key, frame);
            deliver(generation, job.sequence, std::move(frame));
        }
        s.wake.notify_all();
    }
}

/// Decodes ahead of the person on one core, and stands still while a requested frame is on its way.
void FrameLoader::prepare(const std::stop_token& stop) {
    yieldToOtherThreads();
    State& s = *state_;
    std::unique_lock lock(s.mutex);
    while (s.wake.wait(lock, stop, [&] { return !s.awaited() && s.ahead(); }) && !stop.stop_requested()) {
        const Key key = *s.ahead();
        const FrameSource source = s.source;
        const std::uint64_t generation = s.generation;
        const FramePtr old = s.known(key);
        const std::function<bool()> goOn = [&] {
            std::unique_lock waiting(s.mutex);
            s.wake.wait(waiting, stop, [&] { return !s.awaited(); });
            return !stop.stop_requested() && generation == s.generation && !s.ready(key);
        };
        lock.unlock();
        FramePtr frame = old && goOn() ? recompose(source, *old, s.alone) : decodeAhead(source, key.t, key.z, goOn);
        lock.lock();
        if (frame && generation == s.generation && !s.ready(key)) s.insert(key, std::move(frame));
    }
}

FrameLoader::~FrameLoader() {
    state_->server.request_stop();
    state_->preparer.request_stop();
    state_->server = {};
    state_->preparer = {};
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
