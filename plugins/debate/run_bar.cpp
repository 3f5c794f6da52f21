#include "plugins/debate/run_bar.h"

#include <QComboBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>

#include "widgets/jobs/job_text.h"
#include "widgets/session/job_runner.h"

namespace driftscope::debate {
namespace {

constexpr int kMostRunsWidth = 240;

QString runText(const JobView& job) {
    const QDateTime when = QDateTime::fromSecsSinceEpoch(static_cast<qint64>(job.finished));
    const bool today = when.date() == QDate::currentDate();
    return QStringLiteral("%1, %2").arg(job.title, when.toString(today ? QStringLiteral("HH:mm:ss") : QStringLiteral("d MMM HH:mm")));
}

}  // namespace

RunBar::RunBar(JobRunner& jobs, const QString& kind, const QString& text, std::function<Result<QString>()> start, QWidget* parent)
    : QWidget(parent), jobs_(jobs), kind_(kind), start_(std::move(start)), row_(new QHBoxLayout(this)), startButton_(new QPushButton(text)), cancel_(new QPushButton(tr("Cancel"))),
      progress_(new QProgressBar), stage_(new QLabel), runs_(new QComboBox) {
    row_->setContentsMargins(0, 0, 0, 0);
    startButton_->setObjectName(kind + QStringLiteral(".start"));
    cancel_->setObjectName(kind + QStringLiteral(".cancel"));
    runs_->setObjectName(kind + QStringLiteral(".runs"));
    runs_->setAccessibleName(tr("Results of earlier runs"));
    runs_->setToolTip(tr("Results in the project's run folders"));
    runs_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    runs_->setMinimumContentsLength(9);
    runs_->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    runs_->setMaximumWidth(kMostRunsWidth);
    progress_->setTextVisible(false);
    progress_->setMaximumSize(140, 8);
    progress_->setMinimumWidth(40);
    stage_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);  // on a narrow window the bar says enough
    row_->addWidget(startButton_);
    row_->addWidget(progress_);
    row_->addWidget(stage_, 2);
    row_->addWidget(cancel_);
    row_->addStretch(1);
    row_->addWidget(runs_, 1);
    connect(startButton_, &QPushButton::clicked, this, &RunBar::start);
    connect(cancel_, &QPushButton::clicked, this, [this] { jobs_.cancel(running_); });
    connect(runs_, &QComboBox::activated, this, [this] { choose(runs_->currentData().toString()); });
    connect(&jobs_, &JobRunner::jobChanged, this, [this](const QString& id) {
        if (id == running_) refreshProgress();
    });
    connect(&jobs_, &JobRunner::jobFinished, this, &RunBar::jobFinished);
    connect(&jobs_, &JobRunner::jobRemoved, this, &RunBar::refreshRuns);
    connect(&jobs_, &JobRunner::listReset, this, &RunBar::refreshRuns);
    refreshRuns();
    refreshProgress();
}

void RunBar::addControl(QWidget* widget) {
    row_->insertWidget(row_->indexOf(progress_), widget);
}

void RunBar::offerAdoption() {
    adopt_ = new QPushButton(tr("Its setup"));
    adopt_->setToolTip(tr("Computation, players and parameters as they were in the result that is shown"));
    adopt_->setEnabled(false);
    row_->addWidget(adopt_);
    connect(adopt_, &QPushButton::clicked, this, [this] {
        if (const JobView* job = jobs_.find(chosen_)) Q_EMIT adoptRequested(job->params);
    });
}

void RunBar::setStartEnabled(bool enabled, const QString& why) {
    startButton_->setEnabled(enabled);
    startButton_->setToolTip(why);
}

void RunBar::start() {
    if (!startButton_->isEnabled()) return;
    const auto id = start_();
    if (!id) {
        Q_EMIT failed(QString::fromStdString(id.error().text()));
        return;
    }
    running_ = *id;
    refreshProgress();
}

void RunBar::refreshProgress() {
    const JobView* job = running_.isEmpty() ? nullptr : jobs_.find(running_);
    for (QWidget* widget : {static_cast<QWidget*>(progress_), static_cast<QWidget*>(stage_), static_cast<QWidget*>(cancel_)}) widget->setVisible(job != nullptr);
    if (!job) return;
    const double done = jobs::fraction(*job);
    progress_->setRange(0, done < 0 ? 0 : 1000);
    if (done >= 0) progress_->setValue(static_cast<int>(1000 * done));
    const QString text = jobs::progressText(*job);
    stage_->setText(text.isEmpty() ? jobs::stateText(*job) : text);
    cancel_->setEnabled(!job->cancelling);
}

void RunBar::jobFinished(const QString& id) {
    const JobView* job = jobs_.find(id);
    if (!job || job->kind != kind_) return;
    const bool ours = id == running_;
    if (ours) running_.clear();
    refreshProgress();
    refreshRuns();
    if (ours && job->state == JobView::State::Done) choose(id);
    if (ours && job->state == JobView::State::Failed) Q_EMIT failed(job->error);
    if (ours && job->state == JobView::State::Cancelled) Q_EMIT failed(tr("%1 was cancelled.").arg(job->title));
}

void RunBar::refreshRuns() {
    const QSignalBlocker quiet(runs_);
    runs_->clear();
    for (const JobView& job : jobs_.jobs())
        if (job.kind == kind_ && job.state == JobView::State::Done) runs_->addItem(runText(job), job.id);
    runs_->setCurrentIndex(chosen_.isEmpty() ? -1 : runs_->findData(chosen_));
    runs_->setPlaceholderText(runs_->count() == 0 ? tr("no results yet") : tr("%n earlier result(s)", nullptr, runs_->count()));
    runs_->setEnabled(runs_->count() > 0);
}

void RunBar::choose(const QString& id) {
    const JobView* job = jobs_.find(id);
    if (!job || job->kind != kind_ || job->state != JobView::State::Done) return;
    chosen_ = id;
    const QSignalBlocker quiet(runs_);
    runs_->setCurrentIndex(runs_->findData(id));
    if (adopt_) adopt_->setEnabled(true);
    Q_EMIT resultChosen(*job);
}

}  // namespace driftscope::debate
