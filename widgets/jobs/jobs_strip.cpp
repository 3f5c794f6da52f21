#include "widgets/jobs/jobs_strip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QToolButton>
#include <algorithm>

#include "widgets/jobs/job_text.h"
#include "widgets/session/job_runner.h"

namespace driftscope::jobs {
namespace {

constexpr std::size_t kKept = 2000;  // metric points that tell the trend

}  // namespace

JobsStrip::JobsStrip(JobRunner& jobs, QWidget* parent)
    : QWidget(parent), jobs_(jobs), title_(new QToolButton), stage_(new QLabel), progress_(new QProgressBar), eta_(new QLabel), metric_(new QLabel), waiting_(new QLabel),
      curve_(new QToolButton), cancel_(new QToolButton) {
    buildLayout();
    for (auto signal : {&JobRunner::jobAdded, &JobRunner::jobRemoved}) connect(&jobs_, signal, this, &JobsStrip::choose);
    connect(&jobs_, &JobRunner::listReset, this, &JobsStrip::choose);
    connect(&jobs_, &JobRunner::jobChanged, this, &JobsStrip::choose);
    connect(&jobs_, &JobRunner::jobFinished, this, &JobsStrip::finished);
    connect(&jobs_, &JobRunner::metricAdded, this, &JobsStrip::takeMetric);
    connect(title_, &QToolButton::clicked, this, [this] { Q_EMIT openRequested(id_); });
    connect(curve_, &QToolButton::clicked, this, [this] { Q_EMIT curvesRequested(id_); });
    connect(cancel_, &QToolButton::clicked, this, [this] {
        const JobView* job = jobs_.find(id_);
        if (job && job->killOffered)
            jobs_.kill(id_);
        else
            jobs_.cancel(id_);
    });
    choose();
}

void JobsStrip::buildLayout() {
    setObjectName(QStringLiteral("jobsStrip"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 3, 8, 3);
    layout->setSpacing(12);
    title_->setAutoRaise(true);
    title_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    title_->setToolTip(tr("Show this run with its parameters and log"));
    progress_->setTextVisible(false);
    progress_->setFixedHeight(8);
    progress_->setMaximumWidth(260);
    progress_->setMinimumWidth(80);
    progress_->setAccessibleName(tr("Progress of the current job"));
    curve_->setText(tr("Curve"));
    curve_->setToolTip(tr("Show the live curves of this run"));
    cancel_->setObjectName(QStringLiteral("stripCancel"));
    for (QToolButton* button : {curve_, cancel_}) button->setAutoRaise(true);
    layout->addWidget(title_);
    layout->addWidget(stage_);
    layout->addWidget(progress_, 1);
    layout->addWidget(eta_);
    layout->addWidget(metric_);
    layout->addStretch(1);
    layout->addWidget(waiting_);
    layout->addWidget(curve_);
    layout->addWidget(cancel_);
}

void JobsStrip::choose() {
    QString running;
    double newest = -1;
    for (const JobView& job : jobs_.jobs())
        if (job.state == JobView::State::Running && job.started > newest) {
            running = job.id;
            newest = job.started;
        }
    const QString chosen = !running.isEmpty() ? running : jobs_.find(id_) ? id_ : QString();
    if (chosen != id_) {
        id_ = chosen;
        recent_.clear();
        for (const MetricPoint& point : jobs_.metrics(id_)) takeMetric(id_, point);
    }
    refresh();
}

void JobsStrip::finished(const QString& id) {
    const JobView* shown = jobs_.find(id_);
    if (!shown || shown->state != JobView::State::Running) id_ = id;
    choose();
}

void JobsStrip::takeMetric(const QString& id, const MetricPoint& point) {
    if (id != id_) return;
    recent_.push_back(point);
    if (recent_.size() > kKept) recent_.pop_front();
}

void JobsStrip::refresh() {
    const JobView* job = jobs_.find(id_);
    for (QWidget* part : std::initializer_list<QWidget*>{progress_, eta_, metric_, curve_, cancel_}) part->setVisible(job != nullptr);
    title_->setEnabled(job != nullptr);
    if (!job) {
        title_->setText(tr("Jobs"));
        title_->setIcon({});
        stage_->setText(jobs_.anyActive() ? tr("Waiting") : tr("nothing is running"));
        return;
    }
    const bool running = job->state == JobView::State::Running;
    title_->setText(job->title);
    title_->setIcon(stateIcon(job->state, palette()));
    const double done = fraction(*job);
    stage_->setText(running && done >= 0 && !job->cancelling ? progressText(*job).section(QLatin1Char(','), 0, 0)
                                                             : stateText(*job) + (job->error.isEmpty() ? QString() : QStringLiteral(": ") + job->error.section(QLatin1Char('\n'), 0, 0).left(90)));
    progress_->setVisible(running);
    progress_->setRange(0, done < 0 ? 0 : 1000);
    progress_->setValue(static_cast<int>(done * 1000));
    eta_->setText(running && job->etaSeconds >= 0 ? tr("%1 left").arg(durationText(job->etaSeconds)) : QString());
    metric_->setText(headlineText(headline({recent_.begin(), recent_.end()})));
    const auto all = jobs_.jobs();
    const auto queued = std::count_if(all.begin(), all.end(), [](const JobView& other) { return other.state == JobView::State::Queued; });
    waiting_->setText(queued > 0 ? tr("%1 waiting").arg(queued) : QString());
    curve_->setVisible(!recent_.empty());
    cancel_->setVisible(running);
    cancel_->setEnabled(!job->cancelling || job->killOffered);
    cancel_->setText(job->killOffered ? tr("Kill") : job->cancelling ? tr("Stopping…") : tr("Cancel"));
    cancel_->setToolTip(job->killOffered ? tr("It does not react. Kill it: what is after its last checkpoint is lost") : tr("Stop after saving a checkpoint; it can be resumed"));
}

}  // namespace driftscope::jobs
