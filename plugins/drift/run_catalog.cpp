#include "plugins/drift/run_catalog.h"

#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QTimer>
#include <algorithm>

namespace driftscope::drift {
namespace {

constexpr int kBusyTick = 500;   // milliseconds between looks while something runs
constexpr int kIdleTick = 3000;  // and while nothing does

double nowSeconds() {
    return static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1000;
}

/// When the run's state was last written; 0: never.
qint64 stampOf(const QString& folder) {
    const QFileInfo file(folder + QStringLiteral("/status.json"));
    return file.exists() ? file.lastModified().toMSecsSinceEpoch() : 0;
}

/// Whether a list of runs reads the same in a tree: states, not numbers.
bool sameList(const std::vector<DriftRun>& a, const std::vector<DriftRun>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const DriftRun& x, const DriftRun& y) { return x.folder == y.folder && x.state == y.state && x.title == y.title; });
}

}  // namespace

RunCatalog::RunCatalog(JobRunner& jobs, QObject* parent) : QObject(parent), jobs_(jobs), timer_(new QTimer(this)) {
    connect(timer_, &QTimer::timeout, this, &RunCatalog::tick);
    for (const auto signal : {&JobRunner::jobAdded, &JobRunner::jobChanged, &JobRunner::jobFinished, &JobRunner::jobRemoved}) connect(&jobs_, signal, this, &RunCatalog::schedule);
    connect(&jobs_, &JobRunner::listReset, this, &RunCatalog::schedule);
    refresh();
    timer_->start(kIdleTick);
}

RunCatalog::~RunCatalog() = default;

/// Jobs report up to twenty times a second; folders are looked at twice.
void RunCatalog::schedule() {
    if (std::exchange(scheduled_, true)) return;
    QTimer::singleShot(kBusyTick / 2, this, [this] { tick(); });
}

void RunCatalog::tick() {
    scheduled_ = false;
    refresh();
    const bool active = std::any_of(runs_.begin(), runs_.end(), [](const DriftRun& run) { return run.isActive(); });
    timer_->setInterval(active ? kBusyTick : kIdleTick);
    QStringList moved;
    for (const DriftRun& run : runs_) {
        const auto found = followers_.find(run.folder);
        if (found == followers_.end()) continue;
        found->second.read();
        const std::size_t points = found->second.metrics().size();
        if (std::exchange(seen_[run.folder], points) != points) moved << run.folder;
    }
    if (!moved.isEmpty()) Q_EMIT metricsChanged(moved);
}

RunFollower& RunCatalog::follower(const QString& folder) {
    return followers_.try_emplace(folder, folder + QStringLiteral("/events.jsonl")).first->second;
}

DriftRun RunCatalog::inner(const QString& folder, const QString& study) {
    Known& known = known_[folder];
    const qint64 stamp = stampOf(folder);
    if (known.stamp != stamp || known.stamp == 0 || known.run.isActive()) {
        if (auto read = DriftRun::read(folder, study)) known.run = std::move(*read);
        known.stamp = stamp;
    }
    DriftRun run = known.run;
    if (!run.isActive()) return run;
    RunFollower& events = follower(folder);
    events.read();
    run.done = events.done(), run.total = events.total(), run.unit = events.stage(), run.etaSeconds = events.eta(nowSeconds());
    return run;
}

void RunCatalog::addStudy(const DriftRun& study, std::vector<DriftRun>& all) {
    all.push_back(study);
    if (!study.isStudy()) return;
    for (const QString& folder : innerFolders(study.folder))
        if (DriftRun run = inner(folder, study.folder); !run.folder.isEmpty()) all.push_back(std::move(run));
}

void RunCatalog::refresh() {
    std::vector<DriftRun> all;
    for (const JobView& job : jobs_.jobs())
        if (DriftRun::isOurs(job.kind)) addStudy(DriftRun::of(job), all);
    for (const QString& folder : std::as_const(opened_)) {
        if (std::any_of(all.begin(), all.end(), [&](const DriftRun& run) { return run.folder == folder; })) continue;
        if (DriftRun run = inner(folder, {}); !run.folder.isEmpty()) addStudy(run, all);
    }
    const bool same = sameList(runs_, all);
    runs_ = std::move(all);
    if (!same) Q_EMIT listChanged();
    Q_EMIT progressed();
}

const DriftRun* RunCatalog::find(const QString& folder) const {
    const auto found = std::find_if(runs_.begin(), runs_.end(), [&](const DriftRun& run) { return run.folder == folder; });
    return found == runs_.end() ? nullptr : &*found;
}

std::vector<DriftRun> RunCatalog::inside(const QString& study) const {
    std::vector<DriftRun> found;
    std::copy_if(runs_.begin(), runs_.end(), std::back_inserter(found), [&](const DriftRun& run) { return run.study == study; });
    return found;
}

const std::vector<MetricPoint>& RunCatalog::metrics(const QString& folder) {
    RunFollower& events = follower(folder);
    events.read();
    return events.metrics();
}

Result<void> RunCatalog::open(const QString& path) {
    const QString folder = QDir::cleanPath(QFileInfo(path).absoluteFilePath());
    if (find(folder)) return {};
    DS_ASSIGN(const DriftRun run, DriftRun::read(folder));
    opened_ << run.folder;
    refresh();
    return {};
}

void RunCatalog::close(const QString& folder) {
    opened_.removeAll(folder);
    refresh();
}

}  // namespace driftscope::drift
