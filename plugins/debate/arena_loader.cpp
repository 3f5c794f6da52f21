#include "plugins/debate/arena_loader.h"

#include <QThreadPool>

#include "core/debate/transcript.h"
#include "core/debate/witness.h"
#include "plugins/debate/setup_model.h"
#include "widgets/session/json_bridge.h"

namespace driftscope::debate {
namespace {

constexpr int kDebounceMs = 120;

/// What is debated is the computation, or what Alice publishes for it.
Result<std::shared_ptr<const Arena>> makeArena(const nlohmann::json& computation, const Params& params, std::stop_token stop) {
    DS_ASSIGN(Published published, publish(computation, params, params.text("protocol") == "witness", stop));
    nlohmann::json values = params.values();
    if (!published.bits.empty()) values["witness_bits"] = published.bits;
    DS_ASSIGN(const Params withWitness, Params::make(playParams(), values));
    return Arena::make(std::move(published.computation), withWitness, stop);
}

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
    nlohmann::json computation = fromQt(setup_.computation());
    auto params = setup_.params();
    if (!params) {
        finish(generation, tl::unexpected(params.error()));
        return;
    }
    nlohmann::json values = params->values();
    for (const char* ofTheGame : {"game", "lie_step", "second_lie_step"}) values.erase(ofTheGame);
    making_ = computation.dump() + values.dump();
    if (arena_ && making_ == made_) {
        finish(generation, arena_);
        return;
    }
    stop_ = std::stop_source();
    pool_->start([this, generation, computation = std::move(computation), params = std::move(*params), stop = stop_.get_token()] {
        auto arena = makeArena(computation, params, stop);
        QMetaObject::invokeMethod(this, [this, generation, arena = std::move(arena)] { finish(generation, arena); }, Qt::QueuedConnection);
    });
}

void ArenaLoader::finish(std::uint64_t generation, Result<std::shared_ptr<const Arena>> arena) {
    if (generation != generation_) return;
    arena_ = arena ? *arena : nullptr;
    made_ = making_;
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
