#include "core/job/job_context.h"

#include <unistd.h>

#include <cmath>

#include "core/base/atomic_file.h"
#include "core/base/clock.h"

namespace driftscope {
namespace {

using nlohmann::json;
constexpr double kProgressInterval = 0.1;

}  // namespace

JobContext::JobContext(Params params, RunFolder folder, std::string device, json job, std::stop_token stop, Listener listener)
    : params_(std::move(params)),
      folder_(std::move(folder)),
      device_(std::move(device)),
      job_(std::move(job)),
      stop_(std::move(stop)),
      listener_(std::move(listener)),
      events_(folder_.path() / "events.jsonl", std::ios::app),
      started_(now()) {
    write({{"type", "start"}, {"resuming", folder_.resuming()}});
    writeStatus(RunState::Running, json::object());
}

tl::unexpected<Error> JobContext::cancel() {
    return fail(ErrorCode::Cancelled, "The job was cancelled; what it had done is saved.", "Run the same command again to resume.");
}

void JobContext::progress(double done, double total, std::string_view stage) {
    const std::lock_guard lock(mutex_);
    const double time = now();
    if (stage != stage_) {
        stage_ = stage;
        stageStarted_ = time;
        stageFirst_ = done;
        lastProgress_ = 0;
    }
    if (done < total && time - lastProgress_ < kProgressInterval) return;
    lastProgress_ = time;
    json event{{"type", "progress"}, {"stage", stage_}, {"done", done}, {"total", total}};
    const double advanced = done - stageFirst_;
    if (advanced > 0) event["eta"] = (total - done) * (time - stageStarted_) / advanced;
    progress_ = event;
    write(std::move(event));
    writeStatus(RunState::Running, json::object());
}

void JobContext::metric(std::string_view metricName, double step, double value) {
    const std::lock_guard lock(mutex_);
    json event{{"type", "metric"}, {"name", metricName}, {"step", step}};
    // JSON has no NaN; null keeps the gap visible in the curve.
    event["value"] = std::isfinite(value) ? json(value) : json();
    write(std::move(event));
}

void JobContext::log(std::string_view text) {
    const std::lock_guard lock(mutex_);
    write({{"type", "log"}, {"text", text}});
}

void JobContext::warn(std::string_view text) {
    const std::lock_guard lock(mutex_);
    ++warnings_;
    write({{"type", "warning"}, {"text", text}});
}

void JobContext::finish(RunState state, const json& result, const Error* error) {
    const std::lock_guard lock(mutex_);
    json extra{{"result", result}, {"finished", now()}};
    if (error)
        extra["error"] = {{"code", name(error->code)}, {"message", error->message}, {"remedy", error->remedy}, {"context", error->context}};
    json event = extra;
    event["type"] = "end";
    event["state"] = name(state);
    write(std::move(event));
    writeStatus(state, extra);
}

void JobContext::write(json event) {
    event["time"] = now();
    // Text from files may hold broken UTF-8; it is shown with replacement characters instead of failing the job.
    events_ << event.dump(-1, ' ', false, json::error_handler_t::replace) << '\n' << std::flush;
    if (listener_) listener_(event);
}

void JobContext::writeStatus(RunState state, const json& extra) {
    json status{{"state", name(state)}, {"pid", ::getpid()},    {"kind", job_.value("kind", "")},
                {"started", started_},  {"updated", now()},     {"warnings", warnings_.load()}};
    if (!progress_.is_null()) status["progress"] = progress_;
    status.update(extra);
    // A full disk must not end a computation whose results are elsewhere: the next write tries again.
    (void)writeFileAtomically(folder_.path() / "status.json", status.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace driftscope
