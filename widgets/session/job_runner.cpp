#include "widgets/session/job_runner.h"

#include <signal.h>

#include <QDir>
#include <QFile>
#include <QFileSystemWatcher>
#include <QJsonDocument>
#include <QTimer>
#include <algorithm>
#include <set>

#include "core/base/atomic_file.h"
#include "core/base/clock.h"
#include "widgets/session/job_entry.h"
#include "widgets/session/job_kinds.h"

namespace driftscope {
namespace {

constexpr int kBusyTick = 100;    // milliseconds between looks while something runs
constexpr int kIdleTick = 1000;   // and while nothing does
constexpr double kScanEvery = 2;  // seconds between looks for runs that a shell started or resumed
constexpr qint64 kShownOutput = 64 * 1024;

}  // namespace

struct JobRunner::State {
    using Entries = std::vector<std::unique_ptr<JobEntry>>;

    State(JobRunner& owner, QString program) : self(owner), runner(std::move(program)), kinds(runner) {}

    JobEntry* entry(const QString& id) const;
    QString freeId(const QString& kind) const;
    void add(std::unique_ptr<JobEntry> entry);
    void saveNotes();
    void scan();
    void launchReady();
    void launch(JobEntry& entry);
    /// Done: true; not yet: false; never: the entry is failed.
    bool ready(JobEntry& entry);
    void tick();
    void advance(JobEntry& entry);
    void finish(JobEntry& entry);
    void wake();

    JobRunner& self;
    QString runner;
    JobKinds kinds;
    QString folder;
    int lanes = 1;
    int threads = 0;
    double killGrace = 10;
    Entries entries;                      ///< newest first
    std::vector<ChildProcess> strangers;  ///< children of a project closed meanwhile: only reaped
    QFileSystemWatcher watcher;
    QTimer timer;
    double lastScan = 0;
};

JobEntry* JobRunner::State::entry(const QString& id) const {
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const auto& candidate) { return candidate->view.id == id; });
    return found == entries.end() ? nullptr : found->get();
}

QString JobRunner::State::freeId(const QString& kind) const {
    for (int number = 1;; ++number) {
        const QString id = QStringLiteral("%1-%2").arg(kind).arg(number);
        if (!entry(id) && !QFileInfo::exists(folder + QLatin1Char('/') + id)) return id;
    }
}

void JobRunner::State::add(std::unique_ptr<JobEntry> added) {
    const double born = std::max(added->note.created, added->view.started);
    const auto place = std::find_if(entries.begin(), entries.end(), [&](const auto& other) { return std::max(other->note.created, other->view.started) <= born; });
    const QString id = added->view.id;
    entries.insert(place, std::move(added));
    Q_EMIT self.jobAdded(id);
}

void JobRunner::State::saveNotes() {
    std::vector<JobNote> notes;
    for (const auto& entry : entries)
        if (!entry->note.id.isEmpty()) notes.push_back(entry->note);
    if (const auto written = writeNotes(folder, notes); !written) Q_EMIT self.failed(QString::fromStdString(written.error().text()));
}

/// Finds run folders made by a shell or an earlier GUI, and runs that a shell resumed.
void JobRunner::State::scan() {
    lastScan = now();
    if (folder.isEmpty()) return;
    for (const QString& id : QDir(folder).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        JobEntry* known = entry(id);
        if (!known) {
            auto found = std::make_unique<JobEntry>(JobEntry::fromNote({.id = id, .title = id, .queued = true}, folder));
            found->note = {};
            if (!found->readFolder()) continue;
            found->view.title = id;
            add(std::move(found));
        } else if (known->finished() && statusStamp(known->view.folder) != known->statusStamp) {
            known->readFolder();
            Q_EMIT self.jobChanged(id);
        }
    }
}

bool JobRunner::State::ready(JobEntry& waiting) {
    for (const QString& id : waiting.note.after) {
        const JobEntry* needed = entry(id);
        if (needed && needed->view.state == JobView::State::Done) continue;
        if (needed && !needed->finished()) return false;
        waiting.failedFor = id;
        const QString name = needed ? needed->view.title : id;
        waiting.fail(needed ? tr("It needs the result of '%1', which did not finish.\nResume that job; this one then starts by itself.").arg(name)
                            : tr("It needs the result of '%1', which is not in this project any more.\nStart it again with another input.").arg(name));
        finish(waiting);
        return false;
    }
    return true;
}

void JobRunner::State::launchReady() {
    auto running = std::count_if(entries.begin(), entries.end(), [](const auto& entry) { return entry->view.state == JobView::State::Running; });
    std::vector<QString> queue;  // by id, oldest first: slots of the signals may start and remove jobs
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry)
        if ((*entry)->view.state == JobView::State::Queued) queue.push_back((*entry)->view.id);
    for (const QString& id : queue) {
        JobEntry* waiting = entry(id);
        if (!waiting || waiting->finished() || !ready(*waiting) || running >= lanes) continue;
        launch(*waiting);
        ++running;
    }
}

void JobRunner::State::launch(JobEntry& starting) {
    JobView& view = starting.view;
    const QByteArray config = QJsonDocument(withRunFolders(starting.note.params, folder)).toJson();
    const QString configPath = configFile(folder, view.id);
    Result<void> written = makeFolder(QFile::encodeName(notesFolder(folder)).toStdString());
    if (written) written = writeFileAtomically(QFile::encodeName(configPath).toStdString(), std::string_view(config.constData(), static_cast<std::size_t>(config.size())));
    Result<ChildProcess> child = !written ? Result<ChildProcess>(tl::unexpected(written.error()))
                                          : ChildProcess::start(runner, {view.kind, QStringLiteral("--config"), configPath, QStringLiteral("--out"), view.folder, QStringLiteral("--device"), starting.device, QStringLiteral("--json")},
                                                                outputFile(folder, view.id), threads);
    starting.note.queued = false;
    if (!child) {
        starting.fail(QString::fromStdString(child.error().text()));
        finish(starting);
        return;
    }
    starting.child = *child;
    starting.pid = child->pid();
    view.state = JobView::State::Running;
    view.started = now();
    view.finished = 0;
    view.error.clear();
    saveNotes();
    Q_EMIT self.jobChanged(view.id);
}

void JobRunner::State::finish(JobEntry& ended) {
    const QString id = ended.view.id;
    ended.note.queued = false;
    ended.note.error = ended.view.state == JobView::State::Failed ? ended.view.error : QString();
    ended.stopAsked = 0;
    saveNotes();
    Q_EMIT self.jobChanged(id);
    Q_EMIT self.jobFinished(id);
}

/// Follows one running job: events, end, and whether a request to stop is being ignored.
void JobRunner::State::advance(JobEntry& running) {
    const QString id = running.view.id;
    const std::optional<ChildExit> exit = running.child ? running.child->poll() : std::nullopt;
    const bool gone = running.child ? exit.has_value() : !processRuns(running.pid);
    std::vector<MetricPoint> arrived;
    bool changed = running.follow(&arrived);  // after the look at the process, so that its last words are read
    for (const MetricPoint& point : arrived) Q_EMIT self.metricAdded(id, point);
    if (gone) {
        running.settle(exit, outputFile(folder, id));
        finish(running);
        return;
    }
    const double eta = running.follower.eta(now());
    changed |= static_cast<long>(eta) != static_cast<long>(running.view.etaSeconds);
    running.view.etaSeconds = eta;
    if (running.stopAsked > 0 && !running.view.killOffered && now() - running.stopAsked > killGrace) changed = running.view.killOffered = true;
    if (changed) Q_EMIT self.jobChanged(id);
}

void JobRunner::State::tick() {
    std::erase_if(strangers, [](const ChildProcess& child) { return child.poll().has_value(); });
    // By id: slots of the signals may start and remove jobs.
    std::vector<QString> running;
    for (const auto& entry : entries)
        if (entry->view.state == JobView::State::Running) running.push_back(entry->view.id);
    for (const QString& id : running)
        if (JobEntry* followed = entry(id)) advance(*followed);
    if (now() - lastScan > kScanEvery) scan();
    launchReady();
    timer.setInterval(self.anyActive() ? kBusyTick : kIdleTick);
}

void JobRunner::State::wake() {
    if (!folder.isEmpty()) timer.start(kBusyTick);
}

JobRunner::JobRunner(QString runner, QObject* parent) : QObject(parent), state_(std::make_unique<State>(*this, std::move(runner))) {
    connect(&state_->timer, &QTimer::timeout, this, [this] { state_->tick(); });
    connect(&state_->watcher, &QFileSystemWatcher::directoryChanged, this, [this] {
        state_->lastScan = 0;
        state_->wake();
    });
    connect(&state_->kinds, &JobKinds::loaded, this, &JobRunner::kindsLoaded);
    connect(&state_->kinds, &JobKinds::failed, this, &JobRunner::failed);
}

JobRunner::~JobRunner() = default;  // children go on; the next JobRunner finds them by their run folders

void JobRunner::setRunsFolder(const QString& folder) {
    State& state = *state_;
    for (const auto& entry : state.entries)
        if (entry->child) state.strangers.push_back(*entry->child);
    state.entries.clear();
    if (!state.watcher.directories().isEmpty()) state.watcher.removePaths(state.watcher.directories());
    state.folder = folder;
    Q_EMIT listReset();
    if (folder.isEmpty()) return;
    QDir().mkpath(folder);
    state.watcher.addPath(folder);
    auto notes = readNotes(folder);
    if (!notes) Q_EMIT failed(QString::fromStdString(notes.error().text()));
    for (JobNote& note : notes.value_or(std::vector<JobNote>())) {
        if (auto entry = JobEntry::restored(std::move(note), folder)) state.add(std::make_unique<JobEntry>(std::move(*entry)));
    }
    state.scan();
    state.wake();
}

void JobRunner::setLanes(int lanes) { state_->lanes = std::max(1, lanes); }
void JobRunner::setThreads(int threads) { state_->threads = threads; }
void JobRunner::setKillGrace(double seconds) { state_->killGrace = seconds; }

QString JobRunner::start(const QString& kind, const QJsonObject& params, const QString& title, const std::vector<QString>& after) {
    if (state_->folder.isEmpty()) {
        Q_EMIT failed(tr("A job needs a project to put its results in. Open or create a project first."));
        return {};
    }
    const QString id = state_->freeId(kind);
    JobNote note{.id = id, .kind = kind, .title = title, .params = params, .after = after, .queued = true, .error = {}, .created = now()};
    if (title.isEmpty()) note.title = tr("%1 (run %2)").arg(kindTitle(kind), id.mid(kind.size() + 1));
    for (const QString& needed : referencedRuns(params))
        if (std::find(after.begin(), after.end(), needed) == after.end()) note.after.push_back(needed);
    state_->add(std::make_unique<JobEntry>(JobEntry::fromNote(std::move(note), state_->folder)));
    state_->saveNotes();
    state_->wake();
    QTimer::singleShot(0, this, [this] { state_->tick(); });
    return id;
}

void JobRunner::cancel(const QString& id) {
    JobEntry* entry = state_->entry(id);
    if (!entry || entry->finished()) return;
    if (entry->view.state == JobView::State::Queued) {
        entry->view.state = JobView::State::Cancelled;
        entry->note.error.clear();
        state_->finish(*entry);
        state_->wake();
        return;
    }
    if (entry->pid > 0) ::kill(static_cast<pid_t>(entry->pid), SIGTERM);
    if (entry->stopAsked == 0) entry->stopAsked = now();
    entry->view.cancelling = true;
    Q_EMIT jobChanged(id);
}

void JobRunner::kill(const QString& id) {
    const JobEntry* entry = state_->entry(id);
    if (entry && entry->view.state == JobView::State::Running && entry->pid > 0) ::kill(static_cast<pid_t>(entry->pid), SIGKILL);
}

void JobRunner::resume(const QString& id) {
    JobEntry* entry = state_->entry(id);
    if (!entry || !entry->finished() || entry->view.state == JobView::State::Done) return;
    if (entry->note.id.isEmpty()) entry->note = {id, entry->view.kind, entry->view.title, entry->view.params, {}, true, {}, entry->view.started};
    entry->note.queued = true;
    entry->note.error.clear();
    entry->failedFor.clear();
    entry->view.state = JobView::State::Queued;
    entry->view.error.clear();
    entry->view.finished = 0;
    Q_EMIT jobChanged(id);
    for (const auto& other : state_->entries)
        if (other->failedFor == id) resume(other->view.id);
    state_->saveNotes();
    state_->wake();
}

void JobRunner::remove(const QString& id) {
    const auto found = std::find_if(state_->entries.begin(), state_->entries.end(), [&](const auto& entry) { return entry->view.id == id; });
    if (found == state_->entries.end() || !(*found)->finished()) return;
    const QString folder = (*found)->view.folder;
    const QString spare = notesFolder(state_->folder) + QStringLiteral("/removed/%1-%2").arg(id).arg(static_cast<qint64>(now()));
    // A file system without a trash keeps removed runs beside the others, out of sight.
    if (QFileInfo::exists(folder) && !QFile::moveToTrash(folder) && !(QDir().mkpath(QFileInfo(spare).path()) && QDir().rename(folder, spare))) {
        Q_EMIT failed(tr("%1 cannot be moved to the trash. Check its permissions.").arg(folder));
        return;
    }
    QFile::remove(configFile(state_->folder, id));
    QFile::remove(outputFile(state_->folder, id));
    state_->entries.erase(found);
    state_->saveNotes();
    Q_EMIT jobRemoved(id);
}

std::vector<JobView> JobRunner::jobs() const {
    std::vector<JobView> views;
    for (const auto& entry : state_->entries) views.push_back(entry->view);
    return views;
}

const JobView* JobRunner::find(const QString& id) const {
    const JobEntry* entry = state_->entry(id);
    return entry ? &entry->view : nullptr;
}

std::vector<MetricPoint> JobRunner::metrics(const QString& id) const {
    JobEntry* entry = state_->entry(id);
    if (!entry) return {};
    if (entry->finished()) entry->follower.read();  // finished runs are read when somebody looks
    return entry->follower.metrics();
}

QString JobRunner::logText(const QString& id) const {
    JobEntry* entry = state_->entry(id);
    if (!entry) return {};
    if (entry->finished()) entry->follower.read();
    QFile file(outputFile(state_->folder, id));
    if (!entry->finished() || !file.open(QIODevice::ReadOnly)) return entry->follower.log();
    file.seek(std::max<qint64>(0, file.size() - kShownOutput));
    return entry->follower.log() + tr("\nWhat the process printed:\n") + QString::fromUtf8(file.readAll());
}

bool JobRunner::anyActive() const {
    return std::any_of(state_->entries.begin(), state_->entries.end(), [](const auto& entry) { return !entry->finished(); });
}

bool JobRunner::kindsReady() const { return state_->kinds.ready(); }
void JobRunner::loadKinds() { state_->kinds.load(); }

std::vector<QString> JobRunner::kinds() const {
    std::vector<QString> names;
    for (const KindInfo& kind : state_->kinds.all()) names.push_back(kind.name);
    return names;
}

std::vector<ParamSpec> JobRunner::params(const QString& kind) const {
    const KindInfo* info = state_->kinds.find(kind);
    return info ? info->params : std::vector<ParamSpec>();
}

QString JobRunner::kindTitle(const QString& kind) const {
    const KindInfo* info = state_->kinds.find(kind);
    return info ? info->title : kind;
}

QString JobRunner::kindHelp(const QString& kind) const {
    const KindInfo* info = state_->kinds.find(kind);
    return info ? info->help : QString();
}

}  // namespace driftscope
