#include "plugins/debate/arena_loader.h"

#include <QThreadPool>

#include "core/debate/transcript.h"
#include "plugins/debate/setup_model.h"
#include "widgets/session/json_bridge.h"

namespace driftscope::debate {
namespace {

constexpr int kDebounceMs = 120;

}  // namespace

ArenaLoader::ArenaLoader(SetupModel& setup, QObject* parent) : QObject(parent), setup_(setup), pool_(new QThreadPool(this)) {
    pool_->setMaxThreadCount(1);
    debounce_.setSingleShot(true);
    debounce_.setInterval(kDebounceMs);
    connect(&debounce_, &QTimer::timeout, this, &ArenaLoader::start);
    connect(&setup_, &SetupModel::changed, this, &ArenaLoader::request);
}

ArenaLoader::~ArenaLoader() {
    stop_.request_stop();
    pool_->waitForDone();
}

void ArenaLoader::request() {
    stop_.request_stop();
    ++generation_;
    setBusy(!setup_.isEmpty());
    if (setup_.isEmpty()) {
        arena_.reset();
        problem_.clear();
        Q_EMIT loaded();
        return;
    }
    debounce_.start();
}

void ArenaLoader::start() {
    const std::uint64_t generation = generation_;
    auto computation = debatedComputation(fromQt(setup_.computation()), fromQt(setup_.withDefaults()));
    auto params = setup_.params();
    if (!computation || !params) {
        finish(generation, tl::unexpected(computation ? params.error() : computation.error()));
        return;
    }
    stop_ = std::stop_source();
    pool_->start([this, generation, computation = std::move(*computation), params = std::move(*params), stop = stop_.get_token()] {
        auto arena = Arena::make(computation, params, stop);
        QMetaObject::invokeMethod(this, [this, generation, arena = std::move(arena)] { finish(generation, arena); }, Qt::QueuedConnection);
    });
}

void ArenaLoader::finish(std::uint64_t generation, Result<std::shared_ptr<const Arena>> arena) {
    if (generation != generation_) return;
    arena_ = arena ? *arena : nullptr;
    problem_ = arena ? QString() : QString::fromStdString(arena.error().text());
    setBusy(false);
    Q_EMIT loaded();
}

void ArenaLoader::setBusy(bool busy) {
    if (busy == busy_) return;
    busy_ = busy;
    Q_EMIT busyChanged(busy);
}

}  // namespace driftscope::debate
