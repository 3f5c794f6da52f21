#include "plugins/drift/inspect_model.h"

#include <QDir>
#include <QFileInfo>
#include <QTimer>
#include <algorithm>
#include <cmath>

#include "widgets/session/job_runner.h"

namespace driftscope::drift {
namespace {

constexpr const char* kKind = "llm.drift";
constexpr int kLookEvery = 3000;  // milliseconds between looks for what a run in training has measured

QString runOf(const DriftRun& measurement) {
    return QDir::cleanPath(measurement.params[QStringLiteral("run")].toString());
}

/// How many measurements a run has written so far.
qsizetype filesOf(const QString& run) {
    return QDir(run + QStringLiteral("/drift")).entryList({QStringLiteral("*.csv")}, QDir::Files).size() + QDir(run + QStringLiteral("/answers")).entryList({QStringLiteral("*.jsonl")}, QDir::Files).size();
}

template <class T>
bool has(const std::vector<T>& all, const T& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

InspectModel::InspectModel(JobRunner& jobs, DriftSelection& selection, QObject* parent) : QObject(parent), jobs_(jobs), selection_(selection), sides_{Side(this), Side(this)} {
    connect(&selection_, &DriftSelection::runsChanged, this, &InspectModel::refresh);
    for (const auto signal : {&JobRunner::jobAdded, &JobRunner::jobChanged, &JobRunner::jobFinished}) connect(&jobs_, signal, this, [this](const QString& id) {
        const JobView* job = jobs_.find(id);
        if (job && job->kind == QLatin1String(kKind)) Q_EMIT measurementsChanged();
    });
    auto* look = new QTimer(this);
    connect(look, &QTimer::timeout, this, &InspectModel::refresh);
    look->start(kLookEvery);
}

void InspectModel::setRuns(std::vector<DriftRun> runs) {
    runs_ = std::move(runs);
    refresh();
    Q_EMIT measurementsChanged();
}

const DriftRun* InspectModel::find(const QString& folder) const {
    const auto found = std::find_if(runs_.begin(), runs_.end(), [&](const DriftRun& run) { return run.folder == folder; });
    return found == runs_.end() ? nullptr : &*found;
}

void InspectModel::chooseStepNear(double wanted) {
    const std::vector<std::int64_t> steps = run() ? run()->steps() : std::vector<std::int64_t>{};
    if (steps.empty()) return;
    selection_.setStep(*std::min_element(steps.begin(), steps.end(), [&](std::int64_t a, std::int64_t b) { return std::abs(static_cast<double>(a) - wanted) < std::abs(static_cast<double>(b) - wanted); }));
}

std::vector<DriftRun> InspectModel::measurements(const QString& folder) const {
    std::vector<DriftRun> found;
    for (const DriftRun& run : runs_)
        if (run.stage == DriftRun::Stage::Drift && run.state == JobView::State::Done && !folder.isEmpty() && runOf(run) == folder) found.push_back(run);
    return found;
}

const JobView* InspectModel::measuring() const {
    for (const JobView& job : jobs_.jobs()) {
        const bool active = job.state == JobView::State::Running || job.state == JobView::State::Queued;
        if (active && job.kind == QLatin1String(kKind) && QDir::cleanPath(job.params[QStringLiteral("run")].toString()) == selection_.run()) return jobs_.find(job.id);
    }
    return nullptr;
}

void InspectModel::chooseMeasurement(int side, const QString& folder) {
    sides_[side].wanted = folder;
    refresh();
}

void InspectModel::refresh() {
    load(0, selection_.run());
    load(1, selection_.other());
}

/// The one that was asked for; of the run beside, one on the same samples as the run's; else the newest.
QString InspectModel::measurementFor(int at, const QString& folder) const {
    const std::vector<DriftRun> all = measurements(folder);
    for (const DriftRun& one : all)
        if (one.folder == sides_[at].wanted) return one.folder;
    if (const DriftRun* shown = at == 1 ? find(sides_[0].measured) : nullptr)
        for (const DriftRun& one : all)
            if (one.params[QStringLiteral("data")] == shown->params[QStringLiteral("data")] && one.params[QStringLiteral("tokens")] == shown->params[QStringLiteral("tokens")]) return one.folder;
    return all.empty() ? QString() : all.front().folder;
}

void InspectModel::load(int at, const QString& folder) {
    Side& side = sides_[at];
    const QString measured = measurementFor(at, folder);
    const qsizetype files = folder.isEmpty() ? 0 : filesOf(folder);
    if (folder == side.folder && measured == side.measured && files == side.files) return;
    side.folder = folder;
    side.measured = measured;
    side.files = files;
    const DriftRun* run = find(folder);
    if (!run) {
        side.loader.stop();
        if (folder.isEmpty() ? side.loaded != nullptr : true) {
            side.loaded.reset();
            if (!folder.isEmpty()) side.folder.clear();  // it may turn up with the next look at the folders
            settle();
        }
        return;
    }
    side.loader.run([run = *run, measured](const std::stop_token&) { return InspectedRun::load(run, measured); },
                    [this, at](Result<std::shared_ptr<const InspectedRun>> loaded) {
                        sides_[at].loaded = loaded ? *loaded : nullptr;
                        if (!loaded) Q_EMIT failed(QString::fromStdString(loaded.error().text()));
                        settle();
                    });
}

/// Point, layer and step that the new run does not have become ones that it has.
void InspectModel::settle() {
    if (const InspectedRun* shown = run()) {
        const LayerDriftTable& table = shown->table();
        const std::vector<std::string> points = table.points();
        if (!points.empty() && !has(points, selection_.point())) selection_.setPoint(points.front());
        const std::vector<std::int64_t> layers = table.layers(selection_.point()), steps = shown->steps();
        if (!layers.empty() && !has(layers, selection_.layer())) selection_.setLayer(layers.back());
        // Who looks at the newest step goes on to newer ones.
        const bool newest = !steps.empty() && steps.size() > seenSteps_ && selection_.step() == newestStep_;
        if (!steps.empty() && (newest || !has(steps, selection_.step()))) selection_.setStep(steps.back());
        seenSteps_ = steps.size();
        newestStep_ = steps.empty() ? -1 : steps.back();
    }
    Q_EMIT changed();
}

std::vector<std::pair<QString, QString>> InspectModel::measurableData(const DriftRun& run) {
    std::vector<std::pair<QString, QString>> found;
    for (const auto& [param, title] : {std::pair{"eval_harmful", tr("Harmful prompts it is judged on")}, {"align_data", tr("Alignment data (as Vaccine measures)")}, {"harmful_data", tr("Harmful data (as Booster measures)")},
                                       {"eval_benign", tr("Benign prompts")}, {"eval_task", tr("Prompts of the user's task")}, {"data", tr("Its training data")}}) {
        const QString path = run.params[QLatin1String(param)].toString();
        if (!path.isEmpty()) found.emplace_back(title, path);
    }
    return found;
}

bool InspectModel::isMeasurable(const DriftRun& run) {
    return run.stage != DriftRun::Stage::Pretrain && !QDir(run.folder + QStringLiteral("/snapshots")).isEmpty(QDir::Dirs | QDir::NoDotAndDotDot);
}

QString InspectModel::measure(const DriftRun& run, const QJsonObject& params) {
    QJsonObject all = params;
    all[QStringLiteral("run")] = run.folder;
    return jobs_.start(QLatin1String(kKind), all, tr("Drift of %1").arg(run.title));
}

}  // namespace driftscope::drift
