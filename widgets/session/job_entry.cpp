#include "widgets/session/job_entry.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "widgets/session/json_bridge.h"

namespace driftscope {
namespace {

using nlohmann::json;

double number(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

JobView::State shown(RunState state) {
    switch (state) {
        case RunState::Running: return JobView::State::Running;
        case RunState::Done: return JobView::State::Done;
        case RunState::Failed: return JobView::State::Failed;
        case RunState::Cancelled: return JobView::State::Cancelled;
    }
    return JobView::State::Failed;
}

/// The machine-readable last line that driftscope-run --json prints; null when it ended before that.
json lastLine(const QString& outputFile) {
    QFile file(outputFile);
    if (!file.open(QIODevice::ReadOnly)) return {};
    file.seek(std::max<qint64>(0, file.size() - (1 << 20)));
    const QByteArray tail = file.readAll().trimmed();
    const QByteArray line = tail.mid(tail.lastIndexOf('\n') + 1);
    const json parsed = json::parse(line.constData(), line.constData() + line.size(), nullptr, false);
    return parsed.is_object() ? parsed : json();
}

QString signalText(int signal) {
    const QString name = QString::fromLocal8Bit(::strsignal(signal));
    const QString hint = signal == 9 ? QStringLiteral(" It was killed by someone, or the computer ran out of memory.") : QString();
    return QStringLiteral("The job's process ended by signal %1 (%2).%3\nResume it to go on from its last checkpoint; with smaller batches it "
                          "needs less memory.")
        .arg(QString::number(signal), name, hint);
}

}  // namespace

qint64 statusStamp(const QString& runFolder) {
    const QFileInfo file(runFolder + QStringLiteral("/status.json"));
    return file.exists() ? file.lastModified().toMSecsSinceEpoch() : 0;
}

QString errorText(const json& error) {
    Error parsed{ErrorCode::Internal, error.value("message", "The job failed without a message."), error.value("remedy", ""), {}};
    if (const auto context = error.find("context"); context != error.end() && context->is_array())
        for (const json& line : *context)
            if (line.is_string()) parsed.context.push_back(line.get<std::string>());
    return QString::fromStdString(parsed.text());
}

JobEntry JobEntry::fromNote(JobNote note, const QString& runsFolder) {
    JobEntry entry;
    entry.view.id = note.id;
    entry.view.kind = note.kind;
    entry.view.title = note.title;
    entry.view.folder = runsFolder + QLatin1Char('/') + note.id;
    entry.view.params = note.params;
    entry.follower = RunFollower(entry.view.folder + QStringLiteral("/events.jsonl"));
    if (!note.queued) {
        entry.view.state = JobView::State::Failed;
        entry.view.error = note.error;
    }
    entry.note = std::move(note);
    return entry;
}

std::optional<JobEntry> JobEntry::restored(JobNote note, const QString& runsFolder) {
    JobEntry entry = fromNote(std::move(note), runsFolder);
    JobEntry asFound = entry;
    if (!asFound.readFolder()) {
        if (entry.note.queued || !entry.note.error.isEmpty()) return entry;
        return std::nullopt;
    }
    // A waiting job with a folder is one to be resumed, unless the GUI ended just after starting it.
    if (entry.note.queued && asFound.view.state != JobView::State::Running) return entry;
    asFound.note.queued = false;
    return asFound;
}

bool JobEntry::readFolder() {
    if (!QFileInfo::exists(view.folder + QStringLiteral("/job.json"))) return false;
    const qint64 stamp = driftscope::statusStamp(view.folder);
    const Result<RunSummary> run = readRun(QFile::encodeName(view.folder).toStdString());
    if (!run) {
        fail(QString::fromStdString(run.error().text()));
        return true;
    }
    const json& status = run->status;
    // job.json is written a moment before status.json: a run that has just begun is not a failure.
    if (stamp == 0 && QDateTime::currentSecsSinceEpoch() - QFileInfo(view.folder + QStringLiteral("/job.json")).lastModified().toSecsSinceEpoch() < 5)
        return false;
    statusStamp = stamp;
    view.state = shown(run->state);
    view.kind = QString::fromStdString(run->job.value("kind", ""));
    device = QString::fromStdString(run->job.value("device", "auto"));
    view.params = toQt(run->job.value("params", json::object()));
    view.result = toQt(status.value("result", json::object()));
    view.started = number(status, "started");
    view.finished = view.state == JobView::State::Running ? 0 : number(status, status.contains("finished") ? "finished" : "updated");
    view.warnings = static_cast<int>(number(status, "warnings"));
    view.error = view.state == JobView::State::Failed ? errorText(status.value("error", json::object())) : QString();
    if (const json progress = status.value("progress", json::object()); progress.is_object()) {
        view.stage = QString::fromStdString(progress.value("stage", ""));
        view.done = number(progress, "done");
        view.total = number(progress, "total");
    }
    pid = view.state == JobView::State::Running ? static_cast<long>(number(status, "pid")) : 0;
    return true;
}

bool JobEntry::follow(std::vector<MetricPoint>* arrived) {
    if (!follower.read(arrived)) return false;
    view.stage = follower.stage();
    view.done = follower.done();
    view.total = follower.total();
    view.etaSeconds = follower.eta(now());
    return true;
}

void JobEntry::fail(const QString& why) {
    view.state = JobView::State::Failed;
    view.error = why;
    if (view.finished == 0) view.finished = now();
}

void JobEntry::settle(const std::optional<ChildExit>& exit, const QString& output) {
    using State = JobView::State;
    const bool told = readFolder();
    const bool ended = told && (view.state == State::Done || view.state == State::Cancelled);
    if (!ended && stopAsked > 0 && (!exit || exit->signal != 0)) {
        view.state = State::Cancelled;  // stopped before it could save, or killed on request
        view.error.clear();
        view.finished = now();
    } else if (exit && exit->signal != 0) {
        if (!ended) fail(signalText(exit->signal));  // a crash after the result was written changes nothing
    } else if (const json last = child ? lastLine(output) : json(); last.is_object() && last.value("status", "") == "error") {
        fail(errorText(last.value("error", json::object())));  // also when it stopped before it had a folder
    } else if (!told) {
        fail(QStringLiteral("The job's process ended with code %1 without saying why.\nIts output is in the log.").arg(exit ? exit->code : -1));
    }
    child.reset();
    pid = 0;
    view.cancelling = view.killOffered = false;
    view.etaSeconds = -1;
}

}  // namespace driftscope
