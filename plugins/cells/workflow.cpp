#include "plugins/cells/workflow.h"

#include <QJsonArray>
#include <algorithm>

#include "widgets/session/job_runner.h"

namespace driftscope::cells {
namespace {

QString reference(const QString& job, const char* file) {
    return QStringLiteral("${%1}/%2").arg(job, QLatin1String(file));
}

QJsonObject with(QJsonObject params, std::initializer_list<std::pair<QString, QString>> paths) {
    for (const auto& [name, path] : paths) params[name] = path;
    return params;
}

}  // namespace

Workflow::Workflow(JobRunner& jobs, QObject* parent) : QObject(parent), jobs_(jobs) {
    connect(&jobs_, &JobRunner::jobFinished, this, &Workflow::onFinished);
    connect(&jobs_, &JobRunner::jobChanged, this, [this](const QString& id) {
        if (std::ranges::any_of(steps_, [&](const Step& step) { return step.job == id; })) Q_EMIT stepsChanged();
    });
}

void Workflow::start(const WorkflowInput& input) {
    steps_.clear();
    QString tracks = input.tracks;
    QString last;
    if (tracks.isEmpty()) {
        last = add(QStringLiteral("cells.segment"), tr("Find the cells"), with(input.segment, {{QStringLiteral("images"), input.images}}), last);
        last = add(QStringLiteral("cells.track"), tr("Follow the cells"),
                   with(input.track, {{QStringLiteral("images"), input.images}, {QStringLiteral("labels"), reference(last, "labels.zarr")}}), last);
        tracks = reference(last, "tracks.zarr");
    }
    if (input.onlyTracks) {
        Q_EMIT stepsChanged();
        return;
    }
    QString weights = input.weights;
    if (weights.isEmpty()) {
        last = add(QStringLiteral("cells.train"), tr("Train the encoder"),
                   with(input.train, {{QStringLiteral("images"), input.images}, {QStringLiteral("tracks"), tracks}}), last);
        weights = reference(last, "weights.safetensors");
    }
    last = add(QStringLiteral("cells.embed"), tr("Embed every cell"),
               with(input.embed, {{QStringLiteral("images"), input.images}, {QStringLiteral("tracks"), tracks}, {QStringLiteral("weights"), weights}}), last);
    add(QStringLiteral("embed.project"), tr("Draw the map"), with(input.project, {{QStringLiteral("table"), reference(last, "embeddings.h5ad")}}), last);
    Q_EMIT stepsChanged();
}

QString Workflow::add(const QString& kind, const QString& title, const QJsonObject& params, const QString& after) {
    const QString id = jobs_.start(kind, params, title, after.isEmpty() ? std::vector<QString>{} : std::vector<QString>{after});
    steps_.push_back({id, kind, title});
    return id;
}

bool Workflow::active() const {
    return std::ranges::any_of(steps_, [&](const Step& step) {
        const JobView* job = jobs_.find(step.job);
        return job && (job->state == JobView::State::Queued || job->state == JobView::State::Running);
    });
}

void Workflow::cancel() {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) jobs_.cancel(step->job);
}

void Workflow::resume() {
    for (const Step& step : steps_) {
        const JobView* job = jobs_.find(step.job);
        if (job && (job->state == JobView::State::Cancelled || job->state == JobView::State::Failed)) jobs_.resume(step.job);
    }
}

void Workflow::onFinished(const QString& id) {
    const auto step = std::ranges::find_if(steps_, [&](const Step& candidate) { return candidate.job == id; });
    if (step == steps_.end()) return;
    const JobView* job = jobs_.find(id);
    if (!job) return;
    if (job->state == JobView::State::Done) announce(*step, job->folder);
    if (job->state == JobView::State::Failed) Q_EMIT failed(tr("%1: %2").arg(step->title, job->error));
    Q_EMIT stepsChanged();
    if (job->state == JobView::State::Done && step + 1 == steps_.end()) Q_EMIT finished();
}

void Workflow::announce(const Step& step, const QString& folder) {
    if (step.kind == QLatin1String("cells.track")) Q_EMIT tracksReady(folder + QStringLiteral("/tracks.zarr"));
    if (step.kind == QLatin1String("cells.train")) Q_EMIT weightsReady(folder + QStringLiteral("/weights.safetensors"));
    if (step.kind == QLatin1String("embed.project")) Q_EMIT tableReady(folder + QStringLiteral("/projected.h5ad"));
}

QJsonObject Workflow::save() const {
    QJsonArray list;
    for (const Step& step : steps_)
        list.append(QJsonObject{{QStringLiteral("job"), step.job}, {QStringLiteral("kind"), step.kind}, {QStringLiteral("title"), step.title}});
    return {{QStringLiteral("steps"), list}};
}

void Workflow::follow(const QJsonObject& saved) {
    steps_.clear();
    for (const QJsonValue value : saved[QStringLiteral("steps")].toArray()) {
        const Step step{value[QStringLiteral("job")].toString(), value[QStringLiteral("kind")].toString(), value[QStringLiteral("title")].toString()};
        const JobView* job = jobs_.find(step.job);
        if (!job) continue;
        steps_.push_back(step);
        if (job->state == JobView::State::Done) announce(step, job->folder);
    }
    Q_EMIT stepsChanged();
}

}  // namespace driftscope::cells
